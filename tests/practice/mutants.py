"""Small changes to right answers, each of which a good check must refuse: mutants of a syntax tree."""

import ast
import copy
from collections.abc import Iterator

SWAPS = {ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.Div, ast.Add), ast.Div: (ast.Mult,),
         ast.Pow: (ast.Mult,), ast.Lt: (ast.Gt,), ast.Gt: (ast.Lt,), ast.GtE: (ast.Lt,), ast.LtE: (ast.Gt,)}
OTHER_NAMES = {"mean": "sum", "sum": "mean", "std": "var", "log": "exp", "exp": "log", "softplus": "sigmoid",
               "logsigmoid": "sigmoid", "sigmoid": "tanh", "xlogy": "mul", "minimum": "maximum", "zeros": "ones",
               "sigma": "exp", "sqrt": "exp"}
DROPPED = {"detach", "abs", "sort", "flatten", "square", "sqrt", "no_grad", "log", "exp", "mean", "sigmoid"}


def _changes(node: ast.AST, names: set[str] = frozenset()) -> Iterator[tuple[str, ast.AST]]:
    """What can be done to one node, each as (what, new node). names: those that a formula's symbols become."""
    if isinstance(node, ast.Name) and node.id in names:
        for other in sorted(names - {node.id}):
            yield f"{node.id} to {other}", ast.Name(other, node.ctx)
    if isinstance(node, ast.BinOp):
        for other in SWAPS.get(type(node.op), ()):
            yield f"{type(node.op).__name__} to {other.__name__}", ast.BinOp(node.left, other(), node.right)
        yield "left side only", node.left
        yield "right side only", node.right
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        for other in SWAPS[type(node.ops[0])]:
            yield "comparison turned", ast.Compare(node.left, [other()], node.comparators)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus dropped", node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        for step in (1, -1):
            yield f"constant {step:+}", ast.Constant(node.value + step)
    if isinstance(node, ast.Attribute) and node.attr in OTHER_NAMES:
        yield f"{node.attr} to {OTHER_NAMES[node.attr]}", ast.Attribute(node.value, OTHER_NAMES[node.attr], node.ctx)
    if isinstance(node, ast.Name) and node.id in OTHER_NAMES:
        yield f"{node.id} to {OTHER_NAMES[node.id]}", ast.Name(OTHER_NAMES[node.id], node.ctx)
    if isinstance(node, ast.Call):
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in DROPPED:
            owner = called.value
            if not node.args:
                yield f"{called.attr}() dropped", owner
            elif isinstance(owner, ast.Name) and owner.id in ("torch", "functional", "F") and len(node.args) == 1:
                yield f"{called.attr}(…) dropped", node.args[0]
        if isinstance(called, ast.Name) and called.id in (*DROPPED, "softplus", "sigma", "logsigmoid") \
                and len(node.args) == 1:
            yield f"{called.id}(…) dropped", node.args[0]
        if len(node.args) == 2:
            yield "arguments exchanged", ast.Call(called, node.args[::-1], node.keywords)
        for i, keyword in enumerate(node.keywords):
            yield f"keyword {keyword.arg} dropped", ast.Call(called, node.args,
                                                             node.keywords[:i] + node.keywords[i + 1:])
    if isinstance(node, ast.FunctionDef) and len(node.body) > 1:
        for i, statement in enumerate(node.body):
            if not isinstance(statement, ast.Return) and not (
                    isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                new = copy.copy(node)
                new.body = node.body[:i] + node.body[i + 1:]
                yield f"statement {i} deleted", new
    if isinstance(node, ast.FunctionDef) and len(node.args.args) >= 2:
        names = [a.arg for a in node.args.args]
        for a, b in zip(names, names[1:], strict=False):
            new = copy.deepcopy(node)
            for name in ast.walk(new):
                if isinstance(name, ast.Name) and name.id in (a, b):
                    name.id = b if name.id == a else a
            yield f"{a} and {b} exchanged", new


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """(what was done, source of the mutant) for every single change; the same source is given once."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    calls = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    names = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in calls} \
        if isinstance(tree.body[0], ast.Expr) else set()
    for position, node in enumerate(ast.walk(tree)):
        for what, _ in _changes(node, names):
            class Put(ast.NodeTransformer):
                def __init__(self, target, value):
                    self.target, self.value = target, value

                def visit(self, visited):
                    return self.value if visited is self.target else self.generic_visit(visited)

            fresh = ast.parse(source)
            target = list(ast.walk(fresh))[position]
            replaced = dict(_changes(target, names))[what]
            text = ast.unparse(ast.fix_missing_locations(Put(target, replaced).visit(fresh)))
            if text not in seen:
                seen.add(text)
                yield what, text
