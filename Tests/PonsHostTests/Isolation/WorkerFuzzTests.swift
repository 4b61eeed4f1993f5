import Glibc
import PonsEngine
import PonsHost
import PonsKit
import Testing

/// What comes from a worker may be anything: the call fails, and nothing else.
extension IsolatedStages {
  @Suite struct WorkerFuzzTests {
    private static let iterations =
      getenv("PONS_FUZZ_ITERATIONS").flatMap { Int(String(cString: $0)) } ?? 100

    private static func frame(_ text: String, tail: [UInt8] = []) -> [UInt8] {
      var bytes: [UInt8] = []
      for count in [text.utf8.count, tail.count] {
        withUnsafeBytes(of: UInt32(count).littleEndian) { bytes.append(contentsOf: $0) }
      }
      return bytes + Array(text.utf8) + tail
    }

    /// What a worker says that makes one instance and relays three cases.
    private static func conversation(_ plugin: String) -> [[UInt8]] {
      let begin =
        #"{"do":"begin","port":"packet","tensors":[{"name":"voxels","shape":[2,2,2],"type":"float32"}]}"#
      var frames = [
        frame(
          #"{"do":"ready","keeps_blocks":true,"libraries":[],"plugin":\#(plugin),"protocol":1}"#),
        frame(#"{"do":"log","code":"A","level":1,"text":"made"}"#), frame(#"{"do":"return"}"#),
      ]
      frames += [
        frame(#"{"do":"input","index":0,"port":"packet"}"#),
        frame(#"{"do":"progress","fraction":0.5,"note":"half"}"#), frame(begin),
        frame(#"{"builder":1,"do":"discard"}"#), frame(begin),
        frame(
          #"{"builder":2,"do":"seal","metadata":"{\"modality\":\"CT\"}","shapes":[],"sidecar":"{}"}"#,
          tail: [UInt8](repeating: 1, count: 64)),
        frame(#"{"do":"verdict","decision":0,"reason":"good","score":0.5}"#),
        frame(#"{"do":"scratch"}"#), frame(#"{"do":"forward","packet":1,"port":"packet"}"#),
        frame(#"{"do":"case_key","name":"x","public":true}"#),
        frame(#"{"do":"return","released":[1]}"#),
      ]
      return frames
    }

    @Test func `a worker may say anything`() throws {
      let folder = try HostilePlugin.temporaryFolder()
      defer { HostilePlugin.remove(folder) }
      let script = folder + "/worker"
      try write(
        script,
        Array(
          """
          #!/bin/sh
          case $1 in serve) cat '\(folder)/said' >&3; exec timeout $(cat '\(folder)/wait') cat <&3; esac
          exec '\(HostilePlugin.worker)' "$@"

          """.utf8))
      chmod(script, 0o700)
      let graph = try IsolatedGraph(
        plugins: [HostilePlugin.fixture], scanner: PluginScanner(worker: script, cacheFolder: nil))
      try graph.add("fixture.numbers", isolated: false, parameters: ["count": 1])
      try graph.add("fixture.relay", isolated: true, seconds: 5)
      let plugin = try #require(
        ScanAnswer.json(
          PluginScanner(worker: script, cacheFolder: nil).scan([HostilePlugin.fixture])[0])[
            "plugin"]?.canonical)
      let honest = Self.conversation(plugin)
      var random = SplitMix64(seed: 4)
      let before = ProcessState.openDescriptors
      var ends: Set<String> = []
      for iteration in 0..<Self.iterations {
        var frames = honest
        switch iteration == 0 ? 9 : Int(random.next() % 5) {
        case 0:
          let index = Int(random.next() % UInt64(frames.count))
          for _ in 0..<(1 + random.next() % 4) {
            let place = Int(random.next() % UInt64(frames[index].count))
            frames[index][place] = UInt8(truncatingIfNeeded: random.next())
          }
        case 1: frames.swapAt(Int(random.next() % 14), Int(random.next() % 14))
        case 2: frames.remove(at: Int(random.next() % 14))
        case 3:
          let index = Int(random.next() % UInt64(frames.count))
          frames[index] = Array(frames[index].prefix(Int(random.next() % 40)))
        case 4:
          // Other values for members.
          let index = 3 + Int(random.next() % UInt64(frames.count - 3))
          let values = ["-1", "null", "[]", "{}", "1e300", "\"\"", "9223372036854775807", "[[1]]"]
          let text = String(decoding: frames[index].dropFirst(8), as: UTF8.self)
          let parts = text.split(separator: ",")
          var changed = parts.map(String.init)
          let part = Int(random.next() % UInt64(parts.count))
          if let colon = changed[part].firstIndex(of: ":"), part < parts.count - 1 {
            changed[part] =
              changed[part][...colon] + values[Int(random.next() % UInt64(values.count))]
            frames[index] = Self.frame(changed.joined(separator: ","))
          }
        default: break
        }
        try write(folder + "/said", frames.flatMap { $0 })
        // Whoever has said too little does not make the test wait.
        try write(folder + "/wait", Array((iteration == 0 ? "20" : "0.2").utf8))
        do {
          let summary = try graph.run("run\(iteration)")
          if iteration == 0 { #expect(summary.exitCode == 0) }
          ends.insert(summary.cases.first?.code ?? "done")
        } catch let failure as StageFailure {
          // It never was ready.
          ends.insert(failure.code)
        }
        #expect(ProcessState.isWithoutWorkers(graph.folder))
      }
      #expect(ends.contains("done") && ends.contains("WORKER_PROTOCOL"), "\(ends)")
      #expect(ProcessState.openDescriptors == before)
      #expect(ProcessState.isClean(graph.folder))
    }

    private func write(_ path: String, _ bytes: [UInt8]) throws {
      let file = try #require(fopen(path, "w"))
      bytes.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
      fclose(file)
    }
  }
}
