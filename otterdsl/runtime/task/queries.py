"""Queries of JSON files, checked before they are asked. In: a JMESPath expression. Out: whether it can be one. What is absent: asking it."""

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, field_validator


class JsonQuery(BaseModel):
    """A query as `json(path, query)` takes it."""

    query: str

    @field_validator("query")
    @classmethod
    def _can_be_read(cls, query: str) -> str:
        try:
            jmespath.compile(query)
        except (JMESPathError, ValueError, RecursionError) as error:
            lines = str(error).splitlines()
            raise ValueError(lines[0].rstrip(": ") if lines else "no JMESPath expression") from error
        return query
