#!/usr/bin/env node
const { join } = require('node:path')
const { main } = require('../dist/main.cjs')

main(join(__dirname, '..'))
