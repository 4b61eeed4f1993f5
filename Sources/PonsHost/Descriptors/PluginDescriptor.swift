public import PonsKit

/// What a plugin says about itself, checked.
public struct PluginDescriptor: Sendable, Hashable {
  /// Short, for people.
  public var name: String
  /// Of the plugin; stages have their own.
  public var version: String
  /// Which build, or empty.
  public var build: String
  /// Minor version of the ABI that it was compiled with.
  public var abiMinor: Int
  /// Extensions of the host without which it does not work.
  public var requiredExtensions: [String]
  /// Its stages, in its own order.
  public var stages: [StageDescriptor]

  /// Puts a descriptor together.
  public init(
    name: String, version: String, build: String = "", abiMinor: Int = 0,
    requiredExtensions: [String] = [], stages: [StageDescriptor]
  ) {
    self.name = name
    self.version = version
    self.build = build
    self.abiMinor = abiMinor
    self.requiredExtensions = requiredExtensions
    self.stages = stages
  }
}

/// Why a plugin cannot be used: a sentence for its author or whoever installed it.
public struct PluginFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, for machines: `CRASHED`, `BAD_DESCRIPTOR`, ...
  public var code: String
  /// What was found and what was expected.
  public var message: String

  /// Describes a fault.
  public init(code: String, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }

  static func descriptor(_ message: String) -> Self { Self(code: "BAD_DESCRIPTOR", message) }
}

extension PluginDescriptor {
  /// Extensions that this host offers: none in 1.0.
  static let offeredExtensions: Set<String> = []

  /// Checks what types cannot say.
  func check() throws(PluginFault) {
    if name.isEmpty { throw .descriptor("the plugin has no name") }
    if stages.isEmpty { throw .descriptor("the plugin has no stages") }
    if let missing = requiredExtensions.first(where: { !Self.offeredExtensions.contains($0) }) {
      throw PluginFault(
        code: "MISSING_EXTENSION",
        "it requires the host extension '\(missing)', which this version does not have")
    }
    var ids: Set<String> = []
    for stage in stages {
      if !ids.insert(stage.id).inserted {
        throw .descriptor("two of its stages have the id '\(stage.id)'")
      }
      if let mistake = stage.mistake { throw .descriptor("stage '\(stage.id)': \(mistake)") }
    }
  }
}
