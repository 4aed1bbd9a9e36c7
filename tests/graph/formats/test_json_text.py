import json
import random

import pytest

from causalrec.errors import CycleError, GraphError, GraphSyntaxError
from causalrec.graph import CausalGraph
from causalrec.graph.formats import read_json, schema, write_json
from causalrec.graph.validation import ROLES

HEAD = '{"format": "causalrec-graph", "version": 1, "nodes": '
N_VALUES = 3000


def fits(value, rule, root) -> bool:
    """Whether a value is of a schema: the few words of JSON Schema that ours uses, from their definitions."""
    rule = root["$defs"][rule["$ref"].rsplit("/", 1)[1]] if "$ref" in rule else rule
    known = {"type", "const", "enum", "required", "properties", "additionalProperties", "items", "minItems", "maxItems",
             "uniqueItems", "minLength", "description", "default", "title", "$schema", "$defs", "$ref"}  # fmt: skip
    assert set(rule) <= known
    kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "number": (int, float)}
    if "type" in rule and not (
        isinstance(value, kinds[rule["type"]]) and (rule["type"] == "boolean") == isinstance(value, bool)
    ):
        return False
    if "const" in rule and (value != rule["const"] or isinstance(value, bool)):
        return False
    if "enum" in rule and value not in rule["enum"]:
        return False
    if isinstance(value, dict):
        properties = rule.get("properties", {})
        return (
            set(rule.get("required", ())) <= set(value)
            and (rule.get("additionalProperties", True) or set(value) <= set(properties))
            and all(fits(value[key], properties[key], root) for key in value if key in properties)
        )
    if isinstance(value, list):
        unique = len({json.dumps(item) for item in value}) == len(value)
        return (
            rule.get("minItems", 0) <= len(value) <= rule.get("maxItems", len(value))
            and (unique or not rule.get("uniqueItems"))
            and all(fits(item, rule.get("items", {}), root) for item in value)
        )
    return not isinstance(value, str) or len(value) >= rule.get("minLength", 0)


def test_the_schema_has_all_roles():
    assert tuple(schema()["properties"]["nodes"]["items"]["properties"]["roles"]["items"]["enum"]) == ROLES


def spoilt(rng: random.Random, value):
    """`value` with one part of it replaced or dropped."""
    other = rng.choice([None, True, 0, 1, 1.5, "", "a", "z", [], {}, ["a", "b"], ["b", "b"], {"name": "a"}, "block"])
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(list(value))
        changed = dict(value)
        if rng.random() < 0.2:
            del changed[key]
        else:
            changed[rng.choice([key, key, key, "latent", "roles", "more"])] = spoilt(rng, value[key])
        return changed
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value[:place] + value[place + 1 :]
        return [*value[:place], spoilt(rng, value[place]), *value[place + 1 :]]
    return other


def test_what_the_schema_refuses_is_refused_and_what_is_read_fits_it():
    rng, root = random.Random(1), schema()
    right = json.loads(
        HEAD + '[{"name": "a", "roles": ["treatment"], "position": [0, 1.5]},'
        '{"name": "b", "latent": true}, {"name": "c"}],'
        '"edges": [["a", "b"], ["b", "c"]], "bidirected": [["a", "c"]]}'
    )  # fmt: skip
    assert fits(right, root, root)
    read = 0
    for _ in range(N_VALUES):
        value = right
        for _ in range(rng.choice((1, 1, 2))):
            value = spoilt(rng, value)
        try:
            graph = read_json(json.dumps(value))
        except GraphSyntaxError:
            # The only rules beyond the schema: names differ, and edges name nodes.
            if fits(value, root, root):
                names = [node["name"] for node in value["nodes"]]
                ends = [end for pair in value.get("edges", []) + value.get("bidirected", []) for end in pair]
                assert len(set(names)) < len(names) or not set(ends) <= set(names)
        except GraphError:
            assert fits(value, root, root)
        else:
            read += 1
            assert fits(value, root, root)
            assert fits(json.loads(write_json(graph)), root, root)
    assert read > N_VALUES / 20


BAD = {  # name: (text, line, column, found, expected)
    "nothing": ("", 1, 1, "the end of the text", "JSON"),
    "not closed": ('{"format":\n', 2, 1, "the end of the text", "JSON"),
    "a comma too many": ('{"format": "causalrec-graph",}', 1, 30, "'}'", "JSON"),
    "another kind": ("[1, 2]", 1, 1, "a list", "an object"),
    "another format": ('{"format": "graph", "version": 1, "nodes": []}', 1, 12, "'graph'", "causalrec-graph"),
    "a later version": ('{"format": "causalrec-graph",\n "version": 2, "nodes": []}', 2, 13, "'2'", "version 1"),
    "no nodes": ('{"format": "causalrec-graph", "version": 1}', 1, 1, "without it", '"nodes"'),
    "unknown key": (HEAD + '[], "edgse": []}', 1, 58, "'edgse'", "edges"),
    "a key twice": (HEAD + '[],\n"nodes": []}', 2, 1, "'nodes'", "each key once"),
    "name twice": (HEAD + '[{"name": "a"},\n{"name": "a"}]}', 2, 10, "'a'", "no node before has"),
    "no name": (HEAD + '[{"name": ""}]}', 1, 64, "''", "not empty"),
    "a number as a name": (HEAD + '[{"name": 1}]}', 1, 64, "'1'", "a text"),
    "unknown role": (HEAD + '[{"name": "a",\n"roles": ["block", "tretment"]}]}', 2, 20, "'tretment'", "treatment"),
    "one number": (HEAD + '[{"name": "a", "position": [1]}]}', 1, 81, "a list", "two numbers"),
    "no number": (HEAD + '[{"name": "a", "position": [1, NaN]}]}', 1, 81, "a list", "finite"),
    "edge of no node": (HEAD + '[{"name": "a"}],\n"edges": [["a", "b"]]}', 2, 17, "'b'", "one of the"),
    "three ends": (HEAD + '[{"name": "a"}],\n"edges": [["a", "a", "a"]]}', 2, 11, "a list", "two names"),
}


@pytest.mark.parametrize(("text", "line", "column", "found", "expected"), BAD.values(), ids=BAD)
def test_malformed_text_is_refused_where_it_is_wrong(text, line, column, found, expected):
    with pytest.raises(GraphSyntaxError) as caught:
        read_json(text)
    assert found in str(caught.value)
    assert expected in str(caught.value)
    assert (caught.value.line, caught.value.column) == (line, column)


def test_text_that_is_not_causal_is_refused():
    with pytest.raises(CycleError, match="a -> b -> a"):
        read_json(HEAD + '[{"name": "a"}, {"name": "b"}], "edges": [["a", "b"], ["b", "a"]]}')


def test_all_parts_are_written():
    graph = CausalGraph([("a", "b")], bidirected=[("a", "c")], latent=["c"], roles={"a": ["treatment", "block"]})
    assert json.loads(write_json(graph)) == {
        "format": "causalrec-graph",
        "version": 1,
        "nodes": [{"name": "a", "roles": ["block", "treatment"]}, {"name": "b"}, {"name": "c", "latent": True}],
        "edges": [["a", "b"]],
        "bidirected": [["a", "c"]],
    }
