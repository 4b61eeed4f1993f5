internal import Glibc
internal import PonsManifest

/// A plugin to begin with, in one of some languages: the files in `Templates/LANGUAGE`, with names filled in.
struct PluginTemplate {
  /// The languages there are.
  static let languages = ["c", "python", "swift"]

  let language: String
  let name: String
  /// The folder of an installation's files, or of the sources.
  private let root: String
  private let isInstalled: Bool

  /// - Parameter executable: absolute path of the running program.
  /// - Throws: ``CommandFailure`` when the name cannot be one, or the templates are not there.
  init(_ language: String, name: String, executable: String) throws(CommandFailure) {
    let isName =
      (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
      } && name.utf8.first.map { (0x61...0x7a).contains($0) } == true
    if !isName {
      throw CommandFailure(
        "\"\(name.printable)\" cannot be the name of a plugin",
        hint: "a name is made of a-z, 0-9 and '-', and begins with a letter", exitCode: .usage)
    }
    guard let manifests = ShippedManifests(executable: executable).folder else {
      throw CommandFailure("the templates of plugins are not beside this program")
    }
    self.language = language
    self.name = name
    root = FilePaths.folder(of: manifests)
    isInstalled = !FilePaths.isFile(root + "/Package.swift")
    if language == "swift", isInstalled {
      throw CommandFailure(
        "a plugin in Swift is built with the sources of Pons, and this is an installation",
        hint: "run this with the program in the sources, or begin in C or Python")
    }
  }

  /// Writes the project into a new folder, and answers the commands that build and check it.
  ///
  /// - Throws: ``CommandFailure``.
  func write(to folder: String) throws(CommandFailure) -> [String] {
    if FilePaths.exists(folder) {
      throw CommandFailure("\(folder.printable) is there already", exitCode: .usage)
    }
    try copy("\(root)/Templates/\(language)", to: folder)
    switch language {
    case "c":
      let header =
        isInstalled
        ? FilePaths.folder(of: FilePaths.folder(of: root)) + "/include/pons.h"
        : root + "/Sources/CPons/include/pons.h"
      try copyFile(header, to: folder + "/pons.h", fillingIn: false)
      return ["make -C \(folder)", "pons plugins check \(folder)/libpons-\(name).so"]
    case "python":
      try copyFile(
        root + "/SDK/python/pons_plugin.py", to: folder + "/pons_plugin.py", fillingIn: false)
      return ["pons plugins check \(folder)/plugin.yaml"]
    default:
      return [
        "swift build -c release --package-path \(folder)",
        "pons plugins check \(folder)/.build/release/libpons-\(name).so",
      ]
    }
  }

  private func copy(_ source: String, to target: String) throws(CommandFailure) {
    if mkdir(target, 0o777) != 0 {
      throw CommandFailure(
        "\(target.printable) cannot be made: \(String(cString: strerror(errno)))")
    }
    for file in FilePaths.names(in: source) {
      let path = FilePaths.join(source, file)
      if FilePaths.isFolder(path) {
        try copy(path, to: FilePaths.join(target, file))
      } else {
        try copyFile(path, to: FilePaths.join(target, file), fillingIn: true)
      }
    }
  }

  private func copyFile(
    _ source: String, to target: String, fillingIn: Bool
  ) throws(CommandFailure) {
    let bytes: [UInt8]
    do {
      bytes = try FilePaths.read(source)
    } catch {
      throw CommandFailure("\(source.printable) cannot be read: \(error)")
    }
    var text = String(decoding: bytes, as: UTF8.self)
    if fillingIn {
      for (mark, value) in [("@NAME@", name), ("@ID@", "org.example.\(name)"), ("@PONS@", root)] {
        text = text.replacing(mark, with: value)
      }
    }
    guard let file = fopen(target, "wx") else {
      throw CommandFailure(
        "\(target.printable) cannot be written: \(String(cString: strerror(errno)))")
    }
    let count = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) }
    if fclose(file) != 0 || count != text.utf8.count {
      throw CommandFailure(
        "\(target.printable) cannot be written: \(String(cString: strerror(errno)))")
    }
  }
}
