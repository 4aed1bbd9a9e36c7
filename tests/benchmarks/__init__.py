"""Speed and memory against peers, each a ratio measured in one run. `make bench` runs all of them."""
