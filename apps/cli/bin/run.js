#!/usr/bin/env node
require('../dist/main.cjs').main(require('node:path').dirname(__dirname))
