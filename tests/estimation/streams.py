"""A design that has batches alone, as a table larger than memory has."""

from causalrec.data import Design


class Stream:
    """The rows of a design in batches of any size, with no arrays."""

    streamed = True

    def __init__(self, design: Design):
        self._design = design
        self.n, self.n_clusters, self.n_absorbed = design.n, design.n_clusters, design.n_absorbed
        self.treatment_names, self.covariate_names = design.treatment_names, design.covariate_names
        self.matrix_names, self.blocks = design.matrix_names, design.blocks

    def batches(self, n_rows=1000):
        return self._design.batches(min(n_rows, 700))
