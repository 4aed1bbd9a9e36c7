"""Which nodes an open walk reaches: d-separation, and m-separation where edges are bidirected.

A walk is open given Z when each collider on it is an ancestor of Z, and no other inner
node of it is in Z. A state is a node together with how the walk came to it: number
``2 * node + into``, where `into` is 1 when the last edge has its arrowhead at the node.
So every edge is looked at no more than twice (Shachter 1998, UAI: the Bayes ball).
"""

from collections.abc import Iterable

from causalrec.graph.adjacency import Adjacency, ancestor_mask

__all__ = ["open_walk", "reach"]

UNSEEN, SOURCE = -1, -2


def reach(
    adjacency: Adjacency,
    sources: Iterable[int],
    given: bytearray,
    opened: bytearray,
    scope: bytearray | None = None,
    targets: bytearray | None = None,
) -> tuple[list[int], int]:
    """States that open walks from `sources` reach.

    Parameters
    ----------
    adjacency : Adjacency
    sources : iterable of int
        Nodes outside `given` at which walks start.
    given : bytearray, shape (n_nodes,)
        1 where a node is conditioned on: it passes as a collider only.
    opened : bytearray, shape (n_nodes,)
        1 where a node passes as a collider.
    scope : bytearray, shape (n_nodes,), optional
        1 for the nodes that walks may enter; default all.
    targets : bytearray, shape (n_nodes,), optional
        Stop at the first of these nodes.

    Returns
    -------
    came : list of int, length 2 * n_nodes
        State before each state; `UNSEEN` where no open walk comes, `SOURCE` at a start.
    hit : int
        State of the target reached, `UNSEEN` when none was.
    """
    parents, children, spouses = adjacency.parents, adjacency.children, adjacency.spouses
    scope = bytearray(b"\1") * len(adjacency) if scope is None else scope
    targets = bytearray(len(adjacency)) if targets is None else targets
    came = [UNSEEN] * (2 * len(adjacency))
    queue = [2 * node for node in sources]
    for state in queue:
        came[state] = SOURCE
    for state in queue:  # grows while it is read: breadth first, so walks are shortest
        node, into = state >> 1, state & 1
        if targets[node]:
            return came, state
        # Children come before spouses: `open_walk` tells "->" from "<->" by that order.
        if not given[node]:
            _enter(children[node], 1, state, came, scope, queue)
        if opened[node] if into else not given[node]:
            _enter(parents[node], 0, state, came, scope, queue)
            _enter(spouses[node], 1, state, came, scope, queue)
    return came, UNSEEN


def _enter(nodes: list[int], into: int, state: int, came: list[int], scope: bytearray, queue: list[int]) -> None:
    for node in nodes:
        target = 2 * node + into
        if came[target] == UNSEEN and scope[node]:
            came[target] = state
            queue.append(target)


def open_walk(
    adjacency: Adjacency, sources: list[int], targets: list[int], given: list[int]
) -> tuple[list[int], list[str]]:
    """Nodes of an open path from `sources` to `targets`, and the arrows between them; empty when separated."""
    conditioned, wanted = bytearray(len(adjacency)), bytearray(len(adjacency))
    for node in given:
        conditioned[node] = 1
    for node in targets:
        wanted[node] = 1
    came, state = reach(adjacency, sources, conditioned, ancestor_mask(adjacency, given), targets=wanted)
    if state == UNSEEN:
        return [], []
    states = []
    while state != SOURCE:
        states.append(state)
        state = came[state]
    # A shortest open walk meets no node twice: a second way to come to a node lets it leave by an edge that
    # the first did not only if the node has become an open collider by that loop, and it was one at once then.
    nodes = [state >> 1 for state in reversed(states)]
    return nodes, [_arrow(adjacency, conditioned, came[state], state) for state in reversed(states[:-1])]


def _arrow(adjacency: Adjacency, given: bytearray, before: int, state: int) -> str:
    if not state & 1:
        return "<-"
    node = before >> 1
    return "->" if not given[node] and (state >> 1) in adjacency.children[node] else "<->"
