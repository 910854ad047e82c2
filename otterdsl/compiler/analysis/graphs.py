"""Cycles in graphs, without recursion: a chain may be as long as a file.

In: successors by node, as numbers. Out: strongly connected components, and a shortest cycle within one. What is absent: tasks and steps.
"""

from collections.abc import Mapping, Sequence


def components(successors: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components that hold a cycle, each sorted, by their least node.

    O(V + E), with a stack of our own. Source: Tarjan, 1972.
    """
    count = len(successors)
    index, low = [-1] * count, [0] * count
    on_stack, stack = [False] * count, []
    found: list[list[int]] = []
    counter = 0
    for root in range(count):
        if index[root] >= 0:
            continue
        index[root] = low[root] = counter
        counter += 1
        stack.append(root)
        on_stack[root] = True
        work = [(root, iter(successors[root]))]
        while work:
            node, rest = work[-1]
            for following in rest:
                if index[following] < 0:
                    index[following] = low[following] = counter
                    counter += 1
                    stack.append(following)
                    on_stack[following] = True
                    work.append((following, iter(successors[following])))
                    break
                if on_stack[following]:
                    low[node] = min(low[node], index[following])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = []
                    while True:
                        member = stack.pop()
                        on_stack[member] = False
                        component.append(member)
                        if member == node:
                            break
                    if len(component) > 1 or node in successors[node]:
                        found.append(sorted(component))
    return sorted(found)


def shortest_cycle(component: Sequence[int], successors: Sequence[Sequence[int]] | Mapping[int, Sequence[int]]) -> list[int]:
    """A shortest cycle through the first node of a component, from that node on."""
    start, inside = component[0], set(component)
    before: dict[int, int] = {}
    queue = [start]
    for node in queue:
        for following in successors[node]:
            if following == start:
                path = [node]
                while path[-1] != start:
                    path.append(before[path[-1]])
                return path[::-1]
            if following in inside and following not in before:
                before[following] = node
                queue.append(following)
    return list(component)
