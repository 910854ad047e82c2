"""Text to syntax tree. The only room that knows Lark."""
