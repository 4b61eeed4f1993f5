internal import Glibc
internal import PonsEngine
package import PonsKit

/// Finds out what plugin files say about themselves, without letting them into this process.
public struct PluginScanner: Sendable {
  /// The program `pons-worker`, in which files are opened.
  public var worker: String
  /// Folder of the cache; nil means that there is none.
  public var cacheFolder: String?
  /// Longer than this no plugin may take to describe itself.
  public var secondsPerFile: Double
  /// Which files may be opened.
  public var trust: PluginTrust

  /// A scanner.
  public init(
    worker: String, cacheFolder: String?, secondsPerFile: Double = 30, trust: PluginTrust = .site
  ) {
    self.trust = trust
    self.worker = worker
    self.cacheFolder = cacheFolder
    self.secondsPerFile = secondsPerFile
  }

  /// What one file is.
  public typealias Finding = Result<PluginDescriptor, PluginFault>

  /// Describes files, several at a time; those that did not change since the last time are not opened.
  public func scan(_ files: [String]) -> [Finding] {
    var cache = ScanCache(folder: cacheFolder)
    let keys = files.map(ScanCache.key(of:))
    var findings: [Finding?] = keys.map { $0.flatMap { cache[$0] } }
    for index in findings.indices where findings[index] == nil && trust.isRestricted {
      findings[index] = refusal(of: files[index]).map(Finding.failure)
    }
    let unknown = findings.indices.filter { findings[$0] == nil }
    if !unknown.isEmpty {
      let libraries = unknown.filter { !ProgramPlugin.isDescription(files[$0]) }
      let jobs = libraries.map { job("scan", files[$0]) }
      let width = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
      let results = ChildProcess.run(jobs, width: width, seconds: secondsPerFile)
      for (index, result) in zip(libraries, results) { findings[index] = finding(result) }
      for index in unknown where findings[index] == nil {
        findings[index] = Result { () throws(PluginFault) in
          try ProgramPlugin.ask(files[index], worker: worker).plugin
        }
      }
      for index in unknown {
        if let key = keys[index], let finding = findings[index] { cache.store(finding, for: key) }
      }
      cache.save()
    }
    return findings.map { $0 ?? .failure(PluginFault(code: "NOT_SCANNED", "it was not scanned")) }
  }

  /// The libraries that a plugin's results depend on, asked anew: they are exchanged without the plugin's file being changed.
  func libraries(of file: String) -> Result<[LibraryInUse], PluginFault> {
    if ProgramPlugin.isDescription(file) {
      return Result { () throws(PluginFault) in
        try trust.checkProgram()
        return try ProgramPlugin.ask(file, worker: worker).libraries
      }
    }
    let results = ChildProcess.run([job("libraries", file)], width: 1, seconds: secondsPerFile)
    return Result { () throws(PluginFault) in
      let json = try Self.answer(results[0], seconds: secondsPerFile)
      return try LibrariesAnswer.read(json).get()
    }
  }

  private func job(_ command: String, _ file: String) -> ChildProcess.Job {
    ChildProcess.Job(
      executable: worker, arguments: [command, file] + (trust.forWorkers.map { [$0] } ?? []))
  }

  /// Why a file may not be opened: opening runs its code, in a process of its own, but with the rights of this one. The worker
  /// checks again what it loads.
  private func refusal(of file: String) -> PluginFault? {
    do {
      if ProgramPlugin.isDescription(file) { try trust.checkProgram() }
      try trust.check(SHA256.digest(file: file))
      return nil
    } catch let fault as PluginFault {
      return fault
    } catch {
      return PluginFault(code: "NOT_LOADABLE", "it cannot be read: \(error)")
    }
  }

  private func finding(_ result: ChildProcess.Result) -> Finding {
    Result { () throws(PluginFault) in
      try ScanAnswer.read(Self.answer(result, seconds: secondsPerFile)).get()
    }
  }

  /// What a child answered, or how it failed to.
  private static func answer(
    _ result: ChildProcess.Result, seconds: Double
  ) throws(PluginFault) -> JSON {
    switch result.end {
    case .exited(0): return try parse(result.answer)
    case .exited(let code):
      throw PluginFault(
        code: "EXITED", "it ended the process that opened it, with exit code \(code)")
    case .signalled(let signal):
      throw PluginFault(
        code: "CRASHED", "it crashes when it is opened: \(describe(signal: signal))")
    case .timedOut:
      throw PluginFault(
        code: "HANGS", "it did not describe itself within \(seconds) s and was stopped")
    case .answeredTooMuch:
      throw PluginFault(code: "BAD_ANSWER", "its descriptors have more than 64 MiB")
    case .notStarted(let reason):
      throw PluginFault(
        code: "NO_WORKER", "the program pons-worker cannot be started: \(reason)")
    }
  }

  static func describe(signal: Int32) -> String {
    "signal \(signal) (\(strsignal(signal).map { String(cString: $0) } ?? "?"))"
  }

  /// What the bytes of a child's answer say; nothing in them is trusted.
  package static func finding(answer: [UInt8]) -> Finding {
    Result { () throws(PluginFault) in try ScanAnswer.read(parse(answer)).get() }
  }

  private static func parse(_ answer: [UInt8]) throws(PluginFault) -> JSON {
    if answer.isEmpty {
      throw PluginFault(
        code: "EXITED", "it ended the process that opened it, without an answer")
    }
    do throws(JSONError) {
      return try JSON(parsing: answer)
    } catch {
      throw PluginFault(code: "BAD_ANSWER", "the scan's answer is no JSON: \(error)")
    }
  }
}

/// What the child writes, and the cache holds, about one file.
package enum ScanAnswer {
  package static func json(_ finding: PluginScanner.Finding) -> JSON {
    switch finding {
    case .success(let descriptor): ["plugin": descriptor.json]
    case .failure(let fault): ["code": .string(fault.code), "problem": .string(fault.message)]
    }
  }

  static func read(_ json: JSON) -> PluginScanner.Finding {
    if let problem = json["problem"]?.string {
      return .failure(PluginFault(code: json["code"]?.string ?? "BAD_DESCRIPTOR", problem))
    }
    return Result { () throws(PluginFault) in
      try PluginDescriptor(json: json["plugin"] ?? .null)
    }
  }
}

/// What the child writes about the libraries of a plugin.
enum LibrariesAnswer {
  static func json(_ result: Result<[LibraryInUse], PluginFault>) -> JSON {
    switch result {
    case .success(let libraries): ["libraries": .array(libraries.map(\.json))]
    case .failure(let fault): ["code": .string(fault.code), "problem": .string(fault.message)]
    }
  }

  static func read(_ json: JSON) -> Result<[LibraryInUse], PluginFault> {
    if let problem = json["problem"]?.string {
      return .failure(PluginFault(code: json["code"]?.string ?? "BAD_LIBRARIES", problem))
    }
    let list = json["libraries"]?.array ?? []
    return .success(list.compactMap(LibraryInUse.init(json:)))
  }
}
