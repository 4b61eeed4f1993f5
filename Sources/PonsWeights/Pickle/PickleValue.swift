internal import PonsKit

/// A value of a pickle. Containers are places in a ``PickleHeap``, so that values may hold each other in circles, and
/// no depth of nesting takes stack.
enum PickleValue {
  case none
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  /// Bytes, and integers of more than 64 bits: weight files may have them beside the tensors, and nobody reads them.
  case opaque
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// What it is, for errors.
  var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a string"
    case .opaque: "bytes"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global: "a name"
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The containers of a pickle. The number of their elements is bounded by the bytes of the pickle.
struct PickleHeap {
  /// Bytes of tensors, in a member of the archive.
  struct Storage {
    var key: String
    var type: ElementType
    /// Elements, as the pickle claims.
    var count: Int
  }

  /// A window on a storage, as the pickle claims.
  struct Tensor {
    var storage: Int
    /// All in elements.
    var offset: Int
    var shape: [Int]
    var strides: [Int]
    /// Where in the pickle it was made.
    var position: Int
  }

  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  /// In the order of insertion; of equal keys the last counts.
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []
}
