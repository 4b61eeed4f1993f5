internal import PonsFiles
internal import PonsKit

/// Writes one page about a run: what became of every case, pictures of what was found, and the numbers.
///
/// The page needs nothing else: pictures and script are inside, and it loads nothing. It names cases by their keys. Equal
/// inputs give equal bytes.
struct ReportHTML: Stage {
  static let volume = Input<VolumeKind>(
    "volume", .all, "what the pictures show, and the grid of all else", absent: true)
  static let labels = Input<SliceLabelsKind>(
    "labels", .all, "classes of slices", optional: true, unjoined: true, absent: true)
  static let cam = Input<HeatmapKind>(
    "cam", .all, "what the classifier looked at", optional: true, unjoined: true, absent: true)
  static let enhanced = Input<HeatmapKind>(
    "enhanced", .all, "the same after it was trained with masked slices (AMDA)", optional: true,
    unjoined: true, absent: true)
  static let prompts = Input<PromptsKind>(
    "prompts", .all, "what SAM was asked", optional: true, unjoined: true, absent: true)
  static let sam = Input<MaskKind>(
    "sam", .all, "what SAM answered", optional: true, unjoined: true, absent: true)
  static let segmentation = Input<MaskKind>(
    "segmentation", .all, "the masks that the run is for", optional: true, unjoined: true,
    absent: true)
  static let truth = Input<MaskKind>(
    "truth", .all, "what is true", optional: true, groundTruth: true, unjoined: true)
  static let scores = Input<TableKind>(
    "scores", .once, "of s3f.filter or s3f.score", optional: true)
  static let cases = Input<TableKind>(
    "cases", .once, "of evaluate.masks: one row a case", optional: true, groundTruth: true)
  static let cohort = Input<TableKind>(
    "cohort", .once, "of evaluate.cohort: summary", optional: true, groundTruth: true)
  static let ablation = Input<TableKind>(
    "ablation", .once, "of evaluate.cohort: summary, of methods that lack something",
    optional: true, groundTruth: true)
  static let differences = Input<TableKind>(
    "differences", .once, "of evaluate.cohort: differences", optional: true, groundTruth: true)
  static let report = Output<FilesKind>("report", .one, "report.html")

  struct Parameters: StageParameters {
    var title: String
    var synthetic: String
    var slices: Int
    var max_cases_pictured: Int
    var charts: [String]
    var review: String?

    static let schema = [
      ParameterDescriptor(
        "title", .string, "heading of the page", defaultValue: "What this run found"),
      ParameterDescriptor(
        "synthetic", .string,
        "what is not real about the run: made-up images, weights that were made for a demonstration",
        defaultValue: ""),
      ParameterDescriptor(
        "slices", .integer, "how many slices of a case are shown at most", defaultValue: 3,
        minimum: 1, maximum: 15),
      ParameterDescriptor(
        "max_cases_pictured", .integer,
        "how many cases get pictures: first those that the filter dropped, then in order of their keys; all cases get a row",
        defaultValue: 100, minimum: 0, maximum: 10_000),
      ParameterDescriptor(
        "charts", .array(.string), "measures of the methods that are drawn",
        defaultValue: ["dice", "hd95"]),
      ParameterDescriptor(
        "review", .path,
        "a CSV file with the columns case, accepted (yes or no) and minutes: which masks people accepted, and how many "
          + "minutes that saved; without it no hours are reported"),
    ]
  }

  static let descriptor = StageDescriptor(
    id: "report.html", version: "1",
    summary: "writes a page about the run: every case, its pictures, and the numbers",
    ports: [
      volume, labels, cam, enhanced, prompts, sam, segmentation, truth, scores, cases, cohort,
      ablation, differences, report,
    ], parameters: Parameters.schema, isTerminal: true, takesAnyThreads: true)

  /// Pixels of a picture's side: more than that nobody sees in a report.
  private static let longestSide = 384

  private let parameters: Parameters
  private let review: ReviewTable?

  init(_ parameters: Parameters, _ context: Context) throws {
    self.parameters = parameters
    review = try parameters.review.map {
      try ReviewTable(path: $0) { try context.caseKey(of: $0, isPublic: $1) }
    }
  }

  func process(_ context: Context) throws {
    var contents = PageContents(title: parameters.title, synthetic: parameters.synthetic)
    contents.charts = parameters.charts
    contents.reviewedLines = review?.lines
    contents.scores = try table(Self.scores, &contents, context) { ScoreTable($0) }
    let measures = try table(Self.cases, &contents, context) { CaseTable($0) }
    contents.cohort = try table(Self.cohort, &contents, context) { EstimateTable($0) }
    contents.ablation = try table(Self.ablation, &contents, context) { EstimateTable($0) }
    contents.differences = try table(Self.differences, &contents, context) { EstimateTable($0) }
    var reader = try CaseReader(context)
    contents.connected = reader.connected
    var choice = PictureChoice(
      limit: parameters.max_cases_pictured, of: reader.volumes, scores: contents.scores)
    while let (key, packets, missing) = try reader.next() {
      try context.progress(Double(contents.cases.count) / Double(reader.volumes + 1))
      var builder = CaseBuilder(key, packets, missing: missing)
      if packets.volume != nil, choice.includes(key) {
        builder.addPictures(
          slices: parameters.slices, longest: Self.longestSide, threads: context.threads)
      }
      var record = builder.record
      record.score = contents.scores?.rows[key]
      record.review = review?[key]
      record.measures = (measures?.measures ?? []).compactMap { measure in
        measure.values[key].map { (measure.name, measure.unit, $0) }
      }
      contents.cases.append(record)
    }
    let bytes = Page(contents).html
    try bytes.withUnsafeBytes { try context.writeFile("report.html", [$0]) }
    try context.sendFiles(Self.report, names: ["report.html"])
  }

  /// A table, or nil when none is connected. One that is something else is told on the page and stops nothing: what was
  /// computed should not be lost for it.
  private func table<Read>(
    _ port: Input<TableKind>, _ contents: inout PageContents, _ context: Context,
    _ read: (Table) -> Read?
  ) throws -> Read? {
    guard let packet = try context.optionalInput(port) else { return nil }
    var problem = "it has other columns"
    do {
      if let found = read(try packet.table) { return found }
    } catch let failure as StageFailure where failure.category == .badInput {
      problem = failure.message
    } catch let error as JSONError {
      problem = "\(error)"
    }
    contents.notes.append("The table at '\(port.name)' is not shown: \(problem).")
    context.log(
      .warning, code: "NOT_SHOWN", "the table at '\(port.name)' is not shown: \(problem)")
    return nil
  }
}
