"""Objects of every kind that a Python program makes by the million; run with PYTHONMALLOC=malloc, so that each is the allocator's."""
import json


class Node:
    def __init__(self, key, children):
        self.key = key
        self.children = children


def tree(depth, key):
    return Node(key, [tree(depth - 1, key * 2 + i) for i in range(2)] if depth else [])


def count(node):
    return 1 + sum(count(child) for child in node.children)


total = 0
for turn in range(5):
    total += count(tree(14, 1))
    rows = [{"id": i, "name": f"name {i}", "tags": [str(i * k) for k in range(4)]} for i in range(12000)]
    text = json.dumps(rows)
    again = {row["name"]: tuple(row["tags"]) for row in json.loads(text)}
    words = " ".join(again).split()
    total += len(set(words)) + len(text) + len("".join(sorted(words)))
print(total)
