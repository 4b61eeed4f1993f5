internal import Glibc
internal import PonsKit

/// Writes a table as a text file.
struct TableWrite: Stage {
  static let table = Input<TableKind>("table", .once, "what is written", groundTruth: true)
  static let files = Output<FilesKind>("files", .one, "table.csv, table.tsv or table.json")

  struct Parameters: StageParameters {
    var format: TableFormat

    static let schema = [
      ParameterDescriptor(
        "format", .string, "kind of file", defaultValue: "csv",
        allowed: TableFormat.allCases.map { .string($0.rawValue) })
    ]
  }

  static let descriptor = StageDescriptor(
    id: "table.write", version: "1", summary: "writes a table as a text file",
    ports: [table, files], parameters: Parameters.schema, isTerminal: true)

  private let format: TableFormat

  init(_ parameters: Parameters, _ context: Context) { format = parameters.format }

  func process(_ context: Context) throws {
    let table = try context.input(Self.table).table
    let name = "table." + format.rawValue
    let text = format.text(table)
    guard let file = fopen(try context.scratch + "/" + name, "wb") else {
      throw Self.failure(errno)
    }
    let isWritten = text.utf8.withContiguousStorageIfAvailable {
      fwrite($0.baseAddress, 1, $0.count, file) == $0.count
    }
    let error = errno
    let isClosed = fclose(file) == 0
    if isWritten != true || !isClosed { throw Self.failure(isClosed ? error : errno) }
    try context.sendFiles(Self.files, names: [name])
  }

  private static func failure(_ error: Int32) -> StageFailure {
    let isFull = error == ENOSPC || error == EDQUOT
    return StageFailure(
      .resource, code: isFull ? "DISK_FULL" : "IO_ERROR",
      "cannot write a file in the scratch folder: \(String(cString: strerror(error)))",
      hint: isFull ? "make room on the disk and run again; what is finished is kept" : "")
  }
}
