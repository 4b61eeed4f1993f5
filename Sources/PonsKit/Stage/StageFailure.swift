/// Why a call of a stage failed, as plugins report it and summaries show it.
public struct StageFailure: Error, Sendable, Hashable {
  /// What kind of failure it is, which decides what the engine does; raw values are those of pons.h.
  public enum Category: Int32, Sendable, Hashable {
    /// The case's data cannot be processed: the case is quarantined.
    case badInput = 1
    /// The manifest asks for something that cannot be.
    case badParameter = 2
    /// Out of memory, disk or descriptors: tried again as often as declared.
    case resource = 3
    /// The run is being stopped.
    case cancelled = 4
    /// A bug: three cases in a row stop the run.
    case `internal` = 5
  }

  /// What the engine does about it.
  public var category: Category
  /// A stable reason for machines, `TRUNCATED`; never empty.
  public var code: String
  /// What was found and what was expected. No patient data.
  public var message: String
  /// What the reader can do, or empty.
  public var hint: String
  /// The parameter at fault, if one is.
  public var parameter: String?
  /// The port at fault, if one is.
  public var port: String?

  /// Describes a failure; an empty code becomes the category's name.
  public init(
    _ category: Category, code: String = "", _ message: String, hint: String = "",
    parameter: String? = nil, port: String? = nil
  ) {
    self.category = category
    self.code = code.isEmpty ? category.defaultCode : code
    self.message = message
    self.hint = hint
    self.parameter = parameter
    self.port = port
  }
}

extension StageFailure.Category {
  /// The reason code of failures that name none.
  public var defaultCode: String {
    switch self {
    case .badInput: "BAD_INPUT"
    case .badParameter: "BAD_PARAMETER"
    case .resource: "RESOURCE"
    case .cancelled: "CANCELLED"
    case .internal: "INTERNAL"
    }
  }
}
