/// The tensors of a network by name, in order.
public struct StateDict: Sendable {
  /// Where they come from, for messages: a file's name, `a new network`.
  public let source: String
  /// Names are unique.
  public private(set) var entries: [(name: String, tensor: Tensor)]
  private var places: [String: Int]

  /// A dictionary without tensors.
  public init(source: String = "a state dict") {
    self.source = source
    entries = []
    places = [:]
  }

  /// The tensor with a name; setting one that is there replaces it, setting nil is not possible.
  public subscript(name: String) -> Tensor? { places[name].map { entries[$0].tensor } }

  /// Adds a tensor, or replaces the one of that name.
  public mutating func set(_ name: String, _ tensor: Tensor) {
    if let place = places[name] {
      entries[place].tensor = tensor
    } else {
      places[name] = entries.count
      entries.append((name, tensor))
    }
  }

  /// The entries whose names begin with a prefix, without it.
  public func section(_ prefix: String) -> StateDict {
    var section = StateDict(source: source)
    for (name, tensor) in entries where name.hasPrefix(prefix) {
      section.set(String(name.dropFirst(prefix.count)), tensor)
    }
    return section
  }

  /// Adds another dictionary's tensors with a prefix before their names.
  public mutating func add(_ other: StateDict, prefix: String) {
    for (name, tensor) in other.entries { set(prefix + name, tensor) }
  }
}

extension Layer {
  /// The elements of all parameters and buffers, shared, not copied.
  ///
  /// - Throws: ``TorchError`` when one has no elements.
  public func stateDict() throws(TorchError) -> StateDict {
    var state = StateDict(source: "a network")
    for (name, parameter) in parameters {
      do throws(TorchError) {
        state.set(name, try parameter.value)
      } catch {
        throw TorchError("state dict", "'\(name)': \(error.message)")
      }
    }
    return state
  }

  /// Takes over the tensors of a state dict: the network then computes on their memory, without a copy, unless their type
  /// is another (float16 weights become float32).
  ///
  /// Nothing is changed unless everything fits. `num_batches_tracked` of batch normalisation may be missing, as in files of old
  /// PyTorch versions; it is then 0.
  ///
  /// - Parameters:
  ///   - renaming: how the file calls what the network calls otherwise.
  ///   - ignoring: names in the file (after renaming) that begin so are left alone.
  /// - Throws: ``StateDictError`` with every missing, unexpected and misshapen name.
  public func load(
    _ state: StateDict, renaming: [Renaming] = [], ignoring: [String] = []
  ) throws {
    var error = StateDictError(source: state.source)
    var given: [String: (name: String, tensor: Tensor)] = [:]
    for (name, tensor) in state.entries {
      let renamed = Renaming.apply(renaming, to: name)
      if let other = given.updateValue((name, tensor), forKey: renamed) {
        error.unexpected.append("\(name) (means the same as \(other.name))")
      }
    }
    var values: [(Parameter, Tensor)] = []
    for (name, parameter) in parameters {
      if let (_, tensor) = given.removeValue(forKey: name) {
        if tensor.shape != parameter.shape {
          error.misshapen.append(
            .init(name: name, found: tensor.shape, expected: parameter.shape))
        } else {
          values.append((parameter, try tensor.to(parameter.type)))
        }
      } else if name.hasSuffix("num_batches_tracked") {
        values.append((parameter, try Tensor.zeros([], type: parameter.type)))
      } else {
        error.missing.append(name)
      }
    }
    let left = given.filter { name, _ in !ignoring.contains { name.hasPrefix($0) } }
    error.unexpected += left.values.map(\.name).sorted()
    if !error.isEmpty { throw error }
    for (parameter, value) in values { try parameter.set(value) }
  }
}
