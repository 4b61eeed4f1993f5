import CPons
import CPonsLayout
import Glibc
import PonsHost
import Testing

struct HeaderTests {
  /// The folder of pons.h, from the place of this file.
  private var header: String {
    let root = #filePath.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/" + $1 }
    return root + "/Sources/CPons/include"
  }

  @Test(arguments: [
    ("/usr/bin/cc", "c", ["-std=c11"]), ("/usr/bin/c++", "c++", ["-std=c++17"]),
    ("/usr/bin/cc", "c", ["-std=c11", "-O2", "-Wconversion"]),
    ("/usr/bin/c++", "c++", ["-std=c++17", "-Wold-style-cast", "-Wconversion"]),
  ])
  func `pons.h alone compiles without a warning`(
    compiler: String, language: String, options: [String]
  ) {
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only"]
    let result = ChildProcess.run(
      [
        .init(
          executable: compiler,
          arguments: ["-x", language] + options + warnings + [header + "/pons.h"])
      ], width: 1, seconds: 60)
    // "#pragma once in main file" and the like would show here as well.
    #expect(result.map(\.end) == [.exited(0)])
  }

  @Test func `the compiler of the test can fail`() throws {
    var template = Array("/tmp/pons-test-XXXXXX.h".utf8CString)
    let descriptor = mkstemps(&template, 2)
    try #require(descriptor >= 0)
    let file = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(file) }
    let text =
      "static int unused;\n#include \"pons.h\"\nint f(pons_tensor t) { return t.nothing; }\n"
    try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    let result = ChildProcess.run(
      [.init(executable: "/usr/bin/cc", arguments: ["-fsyntax-only", "-I", header, file])],
      width: 1, seconds: 60)
    #expect(result.map(\.end) == [.exited(1)])
  }

  @Test func `Swift sees the layout that C pins`() {
    #expect(pons_layout_checked_structs() == 16)
    #expect(MemoryLayout<pons_tensor>.size == 48)
    #expect(MemoryLayout<pons_tensor>.offset(of: \.code) == 20)
    #expect(MemoryLayout<pons_tensor>.offset(of: \.byte_offset) == 40)
    #expect(MemoryLayout<pons_string>.size == 16)
    #expect(MemoryLayout<pons_stage>.stride == MemoryLayout<pons_stage>.size)
    #expect(MemoryLayout<pons_host>.offset(of: \.checkpoints) == MemoryLayout<pons_host>.size - 8)
    #expect(MemoryLayout<pons_plugin>.offset(of: \.extension) == MemoryLayout<pons_plugin>.size - 8)
  }
}
