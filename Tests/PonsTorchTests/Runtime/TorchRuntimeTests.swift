internal import PonsTorch
internal import Testing

@Suite struct TorchRuntimeTests {
  @Test func `the library says what it is`() {
    #expect(TorchRuntime.version.first?.isNumber == true)
    #expect(TorchRuntime.configuration.contains("PyTorch built with"))
    #expect(!TorchRuntime.instructionSet.isEmpty)
    #expect(!TorchRuntime.blas.name.isEmpty)
  }

  @Test func `OpenBLAS answers, and not the slow reference library`() {
    #expect(!TorchRuntime.blas.isReference, "\(TorchRuntime.blas)")
  }

  @Test func `threads are limited on the thread that says so`() {
    let before = TorchRuntime.threads
    defer { TorchRuntime.setThreads(before) }
    TorchRuntime.setThreads(1)
    #expect(TorchRuntime.threads == 1)
  }

  @Test(arguments: [1, 2, 3]) func `the project's own loops run on all threads`(count: Int) {
    let before = TorchRuntime.threads
    defer { TorchRuntime.setThreads(before) }
    TorchRuntime.setThreads(count)
    #expect(TorchRuntime.loopThreads == count)
  }

  @Test func `a generator's numbers are those of its seed`() throws {
    let first = try Generator(seed: 42).permutation(20)
    #expect(first.sorted() == Array(0..<20))
    #expect(try Generator(seed: 42).permutation(20) == first)
  }
}
