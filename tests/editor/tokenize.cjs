// Tokenizes texts with VS Code's own engine. Standard input: a JSON list of texts; standard output: for each a list of
// [start, end, scopes], offsets in code points. Argument: the grammar's path.
const fs = require("fs");
const path = require("path");
const onig = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

async function main() {
  const grammarPath = process.argv[2];
  const wasm = fs.readFileSync(path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm"));
  await onig.loadWASM(wasm);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new onig.OnigScanner(patterns),
      createOnigString: (text) => new onig.OnigString(text),
    }),
    // Python's grammar, embedded in `run python`, is the editor's own.
    loadGrammar: async (scope) =>
      scope === "source.otter" ? textmate.parseRawGrammar(fs.readFileSync(grammarPath, "utf8"), grammarPath) : null,
  });
  const grammar = await registry.loadGrammar("source.otter");
  const texts = JSON.parse(fs.readFileSync(0, "utf8"));
  process.stdout.write(JSON.stringify(texts.map((text) => tokens(grammar, text))));
}

function tokens(grammar, text) {
  const found = [];
  let stack = textmate.INITIAL;
  let offset = 0;
  for (const line of text.split("\n")) {
    const result = grammar.tokenizeLine(line, stack);
    for (const token of result.tokens) {
      const start = [...line.slice(0, token.startIndex)].length;
      const end = [...line.slice(0, token.endIndex)].length;
      if (end > start) found.push([offset + start, offset + end, token.scopes]);
    }
    stack = result.ruleStack;
    offset += [...line].length + 1;
  }
  return found;
}

main();
