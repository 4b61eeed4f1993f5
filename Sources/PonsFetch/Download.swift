internal import CCurl
internal import Glibc
internal import PonsModels

/// One file by HTTP, into a part that a later attempt goes on with.
struct Download {
  /// There is no such file at the address.
  struct NotFound: Error {}

  let url: String
  /// The part: the bytes that are there so far. Beside it, `.tag` has the version that they are of.
  let part: String
  /// Bytes of the whole file, where they are known.
  let size: Int?
  let model: String

  private final class Observer {
    let call: (Int, Int?) -> Bool
    init(_ call: @escaping (Int, Int?) -> Bool) { self.call = call }
  }

  /// Fetches what is missing.
  ///
  /// - Parameter progress: gets the bytes that are there and those of the whole file, and answers whether to go on.
  /// - Throws: ``ModelError``, or ``NotFound``; the part stays for the next attempt.
  func run(progress: @escaping (Int, Int?) -> Bool) throws {
    let descriptor = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    if descriptor < 0 { throw failure("cannot write \(part): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      throw failure("another process is fetching it", hint: "wait until it is done")
    }
    let offset = Int(lseek(descriptor, 0, SEEK_END))
    if let size, offset == size { return }
    let tag = readTag()
    // Without a version nobody knows whether the rest belongs to the same file; a digest that is known would tell.
    let canResume = offset > 0 && (size.map { offset < $0 } ?? (tag != nil))
    try fetch(descriptor, from: canResume ? offset : 0, tag: tag, progress)
    unlink(part + ".tag")
  }

  private func fetch(
    _ descriptor: Int32, from offset: Int, tag: String?,
    _ progress: @escaping (Int, Int?) -> Bool
  ) throws {
    if offset == 0, ftruncate(descriptor, 0) != 0 {
      throw failure("cannot write \(part): \(String(cString: strerror(errno)))")
    }
    let observer = Observer(progress)
    var request = pons_fetch()
    request.descriptor = descriptor
    request.offset = Int64(offset)
    request.limit = size.map { Int64($0) } ?? -1
    request.context = Unmanaged.passUnretained(observer).toOpaque()
    request.progress = { context, done, total in
      guard let context else { return 1 }
      let observer = Unmanaged<Observer>.fromOpaque(context).takeUnretainedValue()
      return observer.call(Int(done), total < 0 ? nil : Int(total)) ? 0 : 1
    }
    let status = withExtendedLifetime(observer) {
      url.withCString { url in
        (tag ?? "").withCString { version in
          request.url = url
          request.version = tag == nil ? nil : version
          let status = pons_fetch_run(&request)
          request.url = nil
          request.version = nil
          return status
        }
      }
    }
    if status == 0 { return }
    writeTag(Self.text(&request.tag))
    throw try reason(request)
  }

  private func reason(_ request: pons_fetch) throws -> ModelError {
    var request = request
    let message = Self.text(&request.message)
    let again = "run the same command again; it goes on where it stopped"
    switch request.status {
    case 404, 410:
      discard()
      throw NotFound()
    case 401, 403:
      return failure(
        "\(url) is not open to everybody (status \(request.status))",
        hint: "fetch it in a browser and import it: pons models import \(model) PATH")
    case 416:
      // The server has fewer bytes than the part: another file.
      discard()
      return failure("the file at \(url) has changed", hint: "run the same command again")
    default: break
    }
    if request.is_stopped != 0 { return failure("stopped", hint: again) }
    if request.is_too_long != 0 {
      discard()
      return failure("the file at \(url) is longer than \(size ?? 0) bytes: another version")
    }
    if request.is_disk_error != 0 {
      return failure("cannot write \(part): \(message)", hint: "make room; \(again)")
    }
    return failure("\(url): \(message)", hint: again)
  }

  private func discard() {
    unlink(part)
    unlink(part + ".tag")
  }

  private func failure(_ message: String, hint: String = "") -> ModelError {
    ModelError(message, model: model, hint: hint)
  }

  private static func text<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private func readTag() -> String? {
    guard let stream = fopen(part + ".tag", "re") else { return nil }
    defer { fclose(stream) }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = fread(&bytes, 1, bytes.count, stream)
    let tag = bytes[..<count]
    return tag.isEmpty || tag.contains(where: { $0 < 0x20 })
      ? nil : String(validating: tag, as: UTF8.self)
  }

  private func writeTag(_ tag: String) {
    guard !tag.isEmpty, let stream = fopen(part + ".tag", "we") else { return }
    fputs(tag, stream)
    fclose(stream)
  }
}
