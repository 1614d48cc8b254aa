// Says what Microsoft's own analyser of KQL finds in queries: reads {"tables": {name: schema}, "queries": {name: text}} and
// writes {name: {"faults": [...], "columns": [...]}}. The folder of the npm packages is the argument.
const path = require("path");
const library = path.resolve(process.argv[2], "@kusto/language-service-next");
require(path.join(library, "bridge.min.js"));
require(path.join(library, "Kusto.Language.Bridge.min.js"));
const { GlobalState, KustoCode, Symbols } = Kusto.Language;

const { tables, queries } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const known = Object.entries(tables).map(([name, schema]) => new Symbols.TableSymbol.$ctor7(name, schema, ""));
const globals = GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("logs", known));

function analysed(text) {
  const code = KustoCode.ParseAndAnalyze(text, globals);
  return {
    faults: Bridge.toArray(code.GetDiagnostics()).map((each) => `${each.Message} (at ${each.Start})`),
    columns: code.ResultType ? Bridge.toArray(code.ResultType.Columns).map((each) => each.Name) : [],
  };
}

const found = Object.entries(queries).map(([name, text]) => [name, analysed(text)]);
console.log(JSON.stringify(Object.fromEntries(found)));
