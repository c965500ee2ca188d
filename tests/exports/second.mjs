// SPDX-License-Identifier: MIT
// The second opinion on exports: Ajv, which checks formats (addresses, mail, times, UUIDs) where Python's validator takes
// them for remarks.
//
//   node second.mjs MODULES FOLDER ID FILE...    FOLDER holds the schemas, ID is the one to begin at
//
// A FILE is one JSON document, or *.ndjson with one a line. Prints the first error of each document that does not fit.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'

const [modules, folder, id, ...files] = process.argv.slice(2)
const require = createRequire(path.resolve(modules, 'package.json'))
const Ajv = require('ajv/dist/2020').default
const addFormats = require('ajv-formats').default

function schemas(at) {
  return fs.readdirSync(at, { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(at, entry.name)
    return entry.isDirectory() ? schemas(name) : name.endsWith('.json') ? [name] : []
  })
}

const quiet = { log() {}, warn() {}, error: console.error }
const ajv = new Ajv({ strict: false, unicodeRegExp: false, logger: quiet })
addFormats(ajv)
for (const name of schemas(folder)) ajv.addSchema(JSON.parse(fs.readFileSync(name, 'utf8')))
const validate = ajv.getSchema(id)
let wrong = 0
for (const name of files) {
  const text = fs.readFileSync(name, 'utf8')
  const documents = name.endsWith('.ndjson') ? text.split('\n').filter((line) => line !== '') : [text]
  for (const [i, document] of documents.entries()) {
    if (validate(JSON.parse(document))) continue
    wrong++
    const error = validate.errors[0]
    console.log(`${name}:${i + 1}: ${error.instancePath || '/'} ${error.message}`)
  }
}
process.exit(wrong === 0 ? 0 : 1)
