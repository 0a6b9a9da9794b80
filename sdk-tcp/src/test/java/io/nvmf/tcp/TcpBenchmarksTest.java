package io.nvmf.tcp;

import io.nvmf.testing.benchmark.BenchmarksRunOnce;

class TcpBenchmarksTest extends BenchmarksRunOnce {}
