package io.nvmf;

import io.nvmf.testing.benchmark.BenchmarksRunOnce;

class BenchmarksTest extends BenchmarksRunOnce {}
