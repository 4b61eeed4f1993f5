internal import PonsKit

/// Finds the state dict among what a training run has saved beside it.
///
/// A state dict is a dictionary with tensors as members. What optimizers keep is none: it lies below lists and below
/// dictionaries whose keys are numbers.
struct StateDictSearch {
  /// A dictionary with tensors.
  struct Section {
    /// Keys from the root, joined by points; empty for the root.
    var path: String
    var tensors: [(name: String, place: Int)] = []
    /// Scalars beside the tensors, and those of the dictionaries around it.
    var metadata: [String: JSON]
  }

  private(set) var sections: [Section] = []
  private let heap: PickleHeap
  private let file: String

  private static let maximumDepth = 16

  init(_ heap: PickleHeap, root: PickleValue, file: String) throws(WeightError) {
    self.heap = heap
    self.file = file
    guard case .dictionary(let place) = root else {
      throw WeightError(
        "the file holds \(root.kind), expected a dictionary of tensors", file: file,
        hint: "save a state dict: torch.save(model.state_dict(), NEW)")
    }
    // A dictionary that is met twice is searched once: pickles may be circular, and share.
    var seen: Set<Int> = [place]
    search(place, path: "", metadata: [:], depth: 0, &seen)
  }

  private mutating func search(
    _ place: Int, path: String, metadata: [String: JSON], depth: Int, _ seen: inout Set<Int>
  ) {
    var section = Section(path: path, metadata: metadata)
    var positions: [String: Int] = [:]
    var inner: [(name: String, place: Int)] = []
    for (key, value) in heap.dictionaries[place] {
      guard case .string(let name) = key else { continue }
      switch value {
      case .tensor(let tensor):
        if let position = positions[name] {
          section.tensors[position].place = tensor
        } else {
          positions[name] = section.tensors.count
          section.tensors.append((name, tensor))
        }
      case .dictionary(let place): inner.append((name, place))
      case .bool(let value): section.metadata[name] = .bool(value)
      case .integer(let value): section.metadata[name] = .integer(Int64(value))
      case .number(let value) where value.isFinite: section.metadata[name] = .number(value)
      case .string(let value): section.metadata[name] = .string(value)
      default: break
      }
    }
    if !section.tensors.isEmpty { sections.append(section) }
    for (name, place) in inner where depth < Self.maximumDepth && seen.insert(place).inserted {
      search(
        place, path: path.isEmpty ? name : "\(path).\(name)", metadata: section.metadata,
        depth: depth + 1, &seen)
    }
  }

  /// The section with a path, or the only one.
  func section(_ wanted: String?) throws(WeightError) -> Section {
    let paths = sections.map {
      $0.path.isEmpty ? "the top of the file" : "'\($0.path.shownInErrors)'"
    }
    .prefix(10).joined(separator: ", ")
    if let wanted {
      guard let match = sections.first(where: { $0.path == wanted }) else {
        throw WeightError(
          "there is no state dict under '\(wanted.shownInErrors)'", file: file,
          hint: paths.isEmpty ? "there is none at all" : "there are tensors in \(paths)")
      }
      return match
    }
    if sections.count > 1 {
      throw WeightError(
        "the file has several state dicts: \(paths)", file: file,
        hint: "say which one is meant by naming its section")
    }
    guard let only = sections.first else {
      throw WeightError(
        "the file holds no tensors", file: file,
        hint: "save a state dict: torch.save(model.state_dict(), NEW)")
    }
    return only
  }
}
