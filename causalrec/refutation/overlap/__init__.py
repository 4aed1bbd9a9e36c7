"""Whether both arms are alike where the effect is asked for, and where nobody is there to compare with."""
