/// Which files may be loaded as code: those that every list names by their SHA-256. Without a list any may.
public struct PluginTrust: Sendable {
  /// A list of digests, and what it is called in messages.
  struct List: Sendable {
    var name: String
    var digests: Set<String>
    /// Whether every process of this site reads it by itself.
    var isOfSite = false
  }

  var lists: [List] = []
  /// Why nothing at all may be loaded.
  var problem: PluginFault?

  /// Any file may be loaded.
  public static let open = PluginTrust()

  /// What this site allows, read once a process: `/etc/pons/plugins.allow`, and the file that `PONS_ALLOW_LIST` names. Both have to
  /// name a file that is loaded, so that the environment can forbid more and allow nothing. A list that cannot be trusted forbids all.
  public static let site = PluginTrust(allowLists: AllowList.files)

  private init() {}

  init(allowLists files: [(path: String, isNamed: Bool)]) {
    for (path, isNamed) in files {
      do throws(PluginFault) {
        if let digests = try AllowList.read(path, isNamed: isNamed) {
          lists.append(List(name: "the allow-list of this site", digests: digests, isOfSite: true))
        }
      } catch {
        problem = error
        return
      }
    }
  }

  /// What a worker was told: what this site allows, and of that only some digests, between commas.
  init(forWorker permitted: String?) {
    self = .site
    if let permitted {
      self = narrowed(
        to: Set(permitted.split(separator: ",").map(String.init)), name: "the lock")
    }
  }

  /// The same, and another list.
  ///
  /// - Parameter name: what messages call it: `the lock`.
  public func narrowed(to digests: Set<String>, name: String) -> PluginTrust {
    var result = self
    result.lists.append(List(name: name, digests: digests))
    return result
  }

  /// Whether files have to be looked at before they are loaded.
  var isRestricted: Bool { problem != nil || !lists.isEmpty }

  /// Refuses a file that some list does not name.
  ///
  /// - Throws: ``PluginFault``, code `NOT_ALLOWED`.
  func check(_ digest: String) throws(PluginFault) {
    if let problem { throw problem }
    for list in lists where !list.digests.contains(digest) {
      throw PluginFault(
        code: PluginFault.notAllowed, "\(list.name) does not name it: its SHA-256 is \(digest)")
    }
  }

  /// Refuses a program of another language: a list of digests cannot say what an interpreter reads.
  ///
  /// - Throws: ``PluginFault``, code `NOT_ALLOWED`, when there is any list.
  func checkProgram() throws(PluginFault) {
    if let problem { throw problem }
    guard let list = lists.first else { return }
    throw PluginFault(
      code: PluginFault.notAllowed,
      "it is a program, and \(list.name) cannot say what a program loads")
  }

  /// What a worker has to be told beside what it reads itself; nil when there is nothing.
  var forWorkers: String? {
    let further = lists.filter { !$0.isOfSite }.map(\.digests)
    guard let first = further.first else { return nil }
    return further.dropFirst().reduce(first) { $0.intersection($1) }.sorted().joined(separator: ",")
  }
}

extension PluginFault {
  /// The code of refusals by lists.
  public static let notAllowed = "NOT_ALLOWED"
}
