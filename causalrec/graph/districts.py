"""Districts of a mixed graph: the sets that bidirected edges hold together."""

from causalrec.graph.adjacency import Adjacency

__all__ = ["cliques", "district_numbers", "markov_blanket"]


def district_numbers(adjacency: Adjacency) -> list[int]:
    """Number of each node's district, counted from 0 in the order of their first nodes; length n_nodes.

    References
    ----------
    Tian, Pearl (2002), UAI: c-components. Richardson (2003), Scand. J. Statistics 30: districts.
    """
    found = [-1] * len(adjacency)
    n_districts = 0
    for start in range(len(adjacency)):
        if found[start] >= 0:
            continue
        found[start] = n_districts
        stack = [start]
        while stack:
            for node in adjacency.spouses[stack.pop()]:
                if found[node] < 0:
                    found[node] = n_districts
                    stack.append(node)
        n_districts += 1
    return found


def markov_blanket(adjacency: Adjacency, node: int) -> set[int]:
    """Nodes that a path of colliders alone joins to `node`: they separate it from all others."""
    district = district_numbers(adjacency)
    touched = {district[end] for end in (node, *adjacency.children[node])}
    members = [end for end, number in enumerate(district) if number in touched]
    return {end for member in members for end in (member, *adjacency.parents[member])} - {node}


def cliques(adjacency: Adjacency) -> list[list[int]]:
    """Each district with its parents: the sets whose nodes the moral graph joins with each other."""
    found: list[dict[int, None]] = [{} for _ in range(len(adjacency))]
    for node, number in enumerate(district_numbers(adjacency)):
        found[number].update(dict.fromkeys((node, *adjacency.parents[node])))
    return [list(members) for members in found if members]
