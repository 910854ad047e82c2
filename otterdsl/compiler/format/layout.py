"""Trees over several lines. In: declarations, statements and values of the tree, with the notes on their comments. Out: lines.

- What is between brackets is indented by two blanks.
- `=` stands in one column for attributes, and for entries of maps, with no empty line and no comment line between them; a value of several lines
  is the last of its run. The types of fields are aligned by themselves.
- A task with nothing in it, or with one attribute or `requires`, is on one line where that fits.
- Lists, maps and calls are on one line where they fit in 100 columns and hold no comment, else one item a line with a comma after each.
- Between declarations of different kinds, and around those and statements of several lines, is an empty line; elsewhere where the author had one.
  Where the comments above hold an empty line, that is enough.

The first line of a value goes on where the caller's stands; all others bring their indent. What is absent: what fits on a line (`expressions`).
"""

from collections.abc import Sequence

from otterdsl.compiler.format import strings
from otterdsl.compiler.format.expressions import ATOM, NOT, WIDTH, Line, asked, flat, flat_operand, label, pieces, rank
from otterdsl.compiler.format.frames import Frame, closed, frame, opened
from otterdsl.compiler.format.names import dotted_text
from otterdsl.compiler.format.notes import Notes
from otterdsl.compiler.format.places import Body, Item
from otterdsl.compiler.syntax import ast

STEP = "  "

Row = ast.Attribute | ast.MapEntry | ast.Field


# ---------------------------------------------------------------- bodies


def between(notes: Notes, body: Body, items: Sequence[Item], indent: str, comma: str = "") -> tuple[str, list[str]]:
    """What follows a body's opening bracket, and the lines from there to its closing one. Takes the comments out of the notes."""
    notes.holding.discard(id(body))
    comment, lines = opened(notes, body, indent)
    frames = [frame(notes, item, indent) for item in items]
    texts = _texts(notes, body, items, frames, indent)
    closing = closed(notes, body, indent)
    if lines and (items or closing):
        lines.append("")
    for index, (around, text) in enumerate(zip(frames, texts, strict=True)):
        # Comments that are parted may belong to what stands above them, unless that stands nowhere in the text.
        open_above = index > 0 and ("" not in around.above or items[index - 1].span.start == items[index - 1].span.end)
        forced = open_above and _parted(body, items[index - 1], items[index], texts[index - 1], text)
        if (around.blank or forced) and lines and lines[-1]:
            lines.append("")
        lines.extend(around.above)
        text[0] = indent + text[0]
        text[-1] += comma + around.after
        lines.extend(text)
    if closing and not closing[0] and (not lines or not lines[-1]):
        closing = closing[1:]
    return comment, lines + closing


def bracketed(notes: Notes, body: Body, items: Sequence[Item], head: str, close: str, indent: str, comma: str = "") -> list[str]:
    """A body with its brackets, its head's last line included; on one line where it is empty."""
    comment, lines = between(notes, body, items, indent + STEP, comma)
    if not comment and not lines:
        return [head + close]
    return [head + comment, *lines, indent + close]


def _parted(body: Body, above: Item, below: Item, first: list[str], second: list[str]) -> bool:
    """Whether an empty line has to be between two items."""
    several = len(first) > 1 or len(second) > 1
    match body:
        case ast.Module():
            kinds = {ast.Use if isinstance(item, ast.Import) else type(item) for item in (above, below)}
            return several or len(kinds) > 1
        case ast.Block():
            return several
        case ast.TaskType():
            return isinstance(above, ast.Run | ast.Validate) or isinstance(below, ast.Run | ast.Validate)
        case _:
            return False


def _texts(notes: Notes, body: Body, items: Sequence[Item], frames: Sequence[Frame], indent: str) -> list[list[str]]:
    """The lines of each item, without the indent of its first; rows are aligned."""
    texts: list[list[str]] = []
    scratchpad = isinstance(body, ast.Scratchpad)
    index = 0
    while index < len(items):
        end = index
        run: list[Row] = []
        while end < len(items) and isinstance(row := items[end], Row) and (not run or _joins(row, run[-1], frames[end])):
            run.append(row)
            end += 1
        if run:
            texts.extend(_aligned(notes, run, [_row_key(row, scratchpad) for row in run], indent))
        else:
            texts.append(statement(notes, items[index], indent))
            end += 1
        index = end
    return texts


def _joins(row: Row, above: Row, around: Frame) -> bool:
    return not around.alone and isinstance(row, ast.Field) == isinstance(above, ast.Field)


def _row_key(row: Row, scratchpad: bool) -> str:
    if isinstance(row, ast.Field):
        return f"{row.name.text}:"
    if scratchpad and isinstance(row.key, ast.Name):
        return dotted_text(row.key)
    return label(row.key)


def _aligned(notes: Notes, run: Sequence[Row], keys: Sequence[str], indent: str) -> list[list[str]]:
    """The lines of rows that stand together: what follows the keys is aligned down to each value of several lines."""
    widest = max(map(len, keys))
    middles = [_middle(row) for row in run]
    after = 0 if isinstance(run[0], ast.Attribute) else 1
    values = []
    for row, middle in zip(run, middles, strict=True):
        value = row.default if isinstance(row, ast.Field) else row.value
        column = len(indent) + widest + 1 + len(middle)
        values.append([""] if value is None else value_lines(notes, value, indent, column, after))
    lines = []
    start = 0
    for index, value_text in enumerate(values):
        if len(value_text) > 1 or index + 1 == len(run):
            width = max(map(len, keys[start : index + 1]))
            for place in range(start, index + 1):
                first, *others = values[place]
                lines.append([f"{keys[place]:{width}} {middles[place]}{first}", *others])
            start = index + 1
    return lines


def _middle(row: Row) -> str:
    """What stands between a row's key and its value."""
    if not isinstance(row, ast.Field):
        return "= "
    provides = f" provides [{', '.join(name.text for name in row.provides)}]" if row.provides else ""
    return type_text(row.type) + provides + (" = " if row.default is not None else "")


def type_text(node: ast.TypeExpr) -> str:
    """A type on one line."""
    return " | ".join(
        option.name.text + (f"[{type_text(option.argument)}]" if option.argument else "") + ("?" if option.optional else "")
        for option in node.options
    )


# ---------------------------------------------------------------- statements and declarations


def statement(notes: Notes, node: Item, indent: str) -> list[str]:
    """The lines of an item that is aligned with nothing, without the indent of the first."""
    match node:
        case ast.TaskUse():
            return _task_use(notes, node, indent)
        case ast.Requires():
            return _requires(notes, node, indent)
        case ast.TaskList():
            return bracketed(notes, node.block, node.block.items, f"{node.name.text} {{", "}", indent)
        case ast.For():
            suffix = f" as {label(node.group)} {{" if node.group is not None else " {"
            head = headed(notes, f"for {node.variable.text} in ", node.iterable, suffix, indent)
            return [*head[:-1], *bracketed(notes, node.block, node.block.items, head[-1], "}", indent)]
        case ast.If():
            return _if(notes, node, indent)
        case ast.Step():
            return bracketed(notes, node.block, node.block.items, f"step {label(node.name)} {{", "}", indent)
        case ast.Pipeline():
            return bracketed(notes, node, node.attributes, f"pipeline {node.name.text} {{", "}", indent)
        case ast.Scratchpad():
            return bracketed(notes, node, node.entries, "scratchpad {", "}", indent)
        case ast.TaskType():
            base = f" extends {node.base.text}" if node.base else ""
            return bracketed(notes, node, node.members, f"task {node.name.text}{base} {{", "}", indent)
        case ast.ExternTask():
            module = f" from {node.module.text}" if node.module else ""
            return bracketed(notes, node, node.fields, f"extern task {node.name.text}{module} {{", "}", indent)
        case ast.Use():
            return [f"use {node.package.text}"]
        case ast.Import():
            return [f"import {label(node.path)}"]
        case ast.Param():
            typed = f"param {node.name.text}: {type_text(node.type)}"
            return [typed] if node.default is None else headed(notes, f"{typed} = ", node.default, "", indent)
        case ast.Run():
            return _run(node, indent)
        case ast.Validate():
            return bracketed(notes, node, node.calls, "validate {", "}", indent)
        case ast.Argument():
            return headed(notes, f"{node.name.text} = " if node.name else "", node.value, "", indent, offset=1)  # for the comma
        case ast.Attribute() | ast.MapEntry() | ast.Field():
            raise TypeError("rows are aligned")
        case _:
            return value_lines(notes, node, indent, len(indent), 1)


def headed(notes: Notes, before: str, expr: ast.Expr, after: str, indent: str, offset: int = 0) -> list[str]:
    """An expression with what stands before and after it, in a line of which `offset` columns are taken."""
    lines = value_lines(notes, expr, indent, len(indent) + offset + len(before), len(after))
    lines[0] = before + lines[0]
    lines[-1] += after
    return lines


def _task_use(notes: Notes, node: ast.TaskUse, indent: str) -> list[str]:
    head = f"{node.type.text} {label(node.label)} {{"
    if len(node.body) == 1 and id(node) not in notes.holding:
        line = _one_line(notes, node.body[0])
        if line is not None and len(indent) + len(head) + len(line) + 3 <= WIDTH:
            return [f"{head} {line} }}"]
    return bracketed(notes, node, node.body, head, "}", indent)


def _one_line(notes: Notes, item: ast.Attribute | ast.Requires | ast.TaskList) -> str | None:
    """What a task of one line holds; None where it cannot be on one."""
    match item:
        case ast.Attribute():
            value = flat(item.value, Line(notes.holding))
            return None if value is None else f"{label(item.key)} = {value}"
        case ast.Requires():
            return _requires_line(item)
        case ast.TaskList():
            return None


def _requires_line(node: ast.Requires) -> str:
    return f"requires [{', '.join(flat_operand(target, 0, Line(())) or '' for target in node.targets)}]"


def _requires(notes: Notes, node: ast.Requires, indent: str) -> list[str]:
    line = _requires_line(node)
    if id(node) not in notes.holding and len(indent) + len(line) <= WIDTH:
        return [line]
    return bracketed(notes, node, node.targets, "requires [", "]", indent, ",")


def _if(notes: Notes, node: ast.If, indent: str) -> list[str]:
    """The branches of an `if`, one after the other: `else if`s nest in the tree, not in the text."""
    lines: list[str] = []
    branch: ast.If | ast.Block | None = node
    while branch is not None:
        if isinstance(branch, ast.If):
            head = headed(notes, "if ", branch.condition, " {", indent, offset=len("} else ") if lines else 0)
            block, branch = branch.then, branch.orelse
        else:
            head, block, branch = ["{"], branch, None
        text = [*head[:-1], *bracketed(notes, block, block.items, head[-1], "}", indent)]
        lines = [*lines[:-1], f"{lines[-1]} else {text[0]}", *text[1:]] if lines else text
    return lines


def _run(node: ast.Run, indent: str) -> list[str]:
    head = f"run {node.language.text} "
    plain = node.body.plain
    lines = strings.verbatim(plain, indent, node.body.raw) if node.language.text == "python" and plain is not None else None
    lines = lines or string_lines(node.body, indent)
    return [head + lines[0], *lines[1:]]


# ---------------------------------------------------------------- values


def value_lines(notes: Notes, expr: ast.Expr, indent: str, column: int, after: int) -> list[str]:
    """The lines of a value whose first begins in a column (counted from 0), with room for what follows its last."""
    text = flat(expr, Line(notes.holding))
    if text is not None and column + len(text) + after <= WIDTH:
        return [text]
    match expr:
        case ast.StringExpr():
            return string_lines(expr, indent)
        case ast.ListExpr():
            return bracketed(notes, expr, expr.items, "[", "]", indent, ",")
        case ast.MapExpr():
            return bracketed(notes, expr, expr.entries, "{", "}", indent, ",")
        case ast.CallExpr():
            return bracketed(notes, expr, expr.arguments, f"{expr.function.text}(", ")", indent, ",")
        case ast.CompareExpr():
            left = _operand_lines(notes, expr.left, ATOM, indent, column, after)
            operator = f" {expr.operator} "
            column = (column if len(left) == 1 else 0) + len(left[-1]) + len(operator)
            right = _operand_lines(notes, expr.right, ATOM, indent, column, after)
            return [*left[:-1], left[-1] + operator + right[0], *right[1:]]
        case ast.NotExpr():
            lines = _operand_lines(notes, expr.operand, NOT, indent, column + 4, after)
            return ["not " + lines[0], *lines[1:]]
        case ast.LogicExpr():
            return _logic_lines(notes, expr, indent, column, after)
        case _:
            return [text or ""]


def _logic_lines(notes: Notes, expr: ast.LogicExpr, indent: str, column: int, after: int) -> list[str]:
    """An operand a line, the operator before all but the first."""
    lines: list[str] = []
    deeper = indent + 2 * STEP
    for index, operand in enumerate(expr.operands):
        before = f"{deeper}{expr.operator} " if index else ""
        text = _operand_lines(notes, operand, asked(expr), deeper, len(before) if index else column, after)
        lines.extend([before + text[0], *text[1:]])
    return lines


def _operand_lines(notes: Notes, expr: ast.Expr, least: int, indent: str, column: int, after: int) -> list[str]:
    text = flat_operand(expr, least, Line(notes.holding))
    if text is not None and (column + len(text) + after <= WIDTH or isinstance(expr, ast.StringExpr)):
        return [text]
    if rank(expr) >= least:
        return value_lines(notes, expr, indent, column, after)
    lines = value_lines(notes, expr, indent, column + 1, after + 1)
    return ["(" + lines[0], *lines[1:-1], lines[-1] + ")"] if len(lines) > 1 else [f"({lines[0]})"]


def string_lines(expr: ast.StringExpr, indent: str) -> list[str]:
    """A string with its text over several lines, where it has such."""
    text = flat(expr, Line(()))
    if text is not None:
        return [text]
    plain = expr.plain
    raw = strings.raw_block(plain, indent) if expr.raw and plain is not None else None
    return raw or strings.block(pieces(expr), indent)
