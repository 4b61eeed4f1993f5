package import PonsKit

// What a packet carries of the header of its file. Facts about the image are metadata, and part of the packet's
// identity. Free text and extensions may name the patient: they are in the sidecar.
extension NIfTIHeader {
  /// The value of `nifti` in a volume's metadata.
  ///
  /// - Parameter form: the one that the affine came from.
  package func facts(form: Geometry.Form) -> JSON {
    [
      "version": .integer(Int64(version)),
      "form": .string(form.rawValue),
      "dim": Self.json(dim),
      "pixdim": Self.json(pixdim),
      "units": .integer(Int64(units)),
      "sform_code": .integer(Int64(sformCode)),
      "sform": Self.json(sform),
      "qform_code": .integer(Int64(qformCode)),
      "qform": qformMatrix.map(Self.json) ?? .null,
      "quaternion": Self.json(quaternion),
      "qform_offset": Self.json(qformOffset),
      "intent_code": .integer(Int64(intentCode)),
      "intent_parameters": Self.json(intentParameters),
      "dim_info": .integer(Int64(dimInfo)),
      "slice_start": .integer(Int64(sliceStart)),
      "slice_end": .integer(Int64(sliceEnd)),
      "slice_code": .integer(Int64(sliceCode)),
      "slice_duration": .number(sliceDuration),
      "time_offset": .number(timeOffset),
      "display_range": Self.json([displayMinimum, displayMaximum]),
    ]
  }

  /// The value of `nifti` in a volume's sidecar: free text and extensions, base64.
  package func privateFacts(extensions: [HeaderExtension]) -> JSON {
    [
      "description": .string(Base64.encode(description)),
      "auxiliary_file": .string(Base64.encode(auxiliaryFile)),
      "intent_name": .string(Base64.encode(intentName)),
      "extensions": .array(
        extensions.map {
          ["code": .integer(Int64($0.code)), "data": .string(Base64.encode($0.data))]
        }),
    ]
  }

  /// A header from what a packet carries; nil when it carries none, or one that is not whole.
  package init?(facts: JSON?, privateFacts: JSON?) {
    guard let facts, let version = facts["version"]?.integer, (1...2).contains(version) else {
      return nil
    }
    self.init()
    self.version = Int(version)
    // What the fields of the version hold; sizes and slice numbers of NIfTI-2 are wider than its codes.
    let codes = version == 1 ? Int64(Int16.max) : Int64(Int32.max)
    let sizes = version == 1 ? codes : Int64.max
    func fitting(_ value: JSON?, _ limit: Int64) -> Int? {
      guard let value = value?.integer, value <= limit, value >= -limit - 1 else { return nil }
      return Int(value)
    }
    func integer(_ name: String) -> Int? { fitting(facts[name], codes) }
    func wide(_ name: String) -> Int? { fitting(facts[name], sizes) }
    func integers(_ name: String, _ count: Int) -> [Int]? {
      let values = facts[name]?.array?.compactMap { fitting($0, sizes) }
      return values?.count == count ? values : nil
    }
    func reals(_ name: String, _ count: Int) -> [Double]? {
      let values = facts[name]?.array?.compactMap(Self.real)
      return values?.count == count ? values : nil
    }
    guard let dim = integers("dim", 8), let pixdim = reals("pixdim", 8),
      let units = integer("units"), let sformCode = integer("sform_code"),
      let sform = reals("sform", 12), let qformCode = integer("qform_code"),
      let quaternion = reals("quaternion", 3), let qformOffset = reals("qform_offset", 3),
      (1...7).contains(dim[0])
    else { return nil }
    self.dim = dim
    if (try? checkDimensions()) == nil { return nil }
    self.pixdim = pixdim
    self.units = units
    self.sformCode = sformCode
    self.sform = sform
    self.qformCode = qformCode
    self.quaternion = quaternion
    self.qformOffset = qformOffset
    intentCode = integer("intent_code") ?? 0
    intentParameters = reals("intent_parameters", 3) ?? [0, 0, 0]
    dimInfo = integer("dim_info") ?? 0
    sliceStart = wide("slice_start") ?? 0
    sliceEnd = wide("slice_end") ?? 0
    sliceCode = integer("slice_code") ?? 0
    sliceDuration = facts["slice_duration"].flatMap(Self.real) ?? 0
    timeOffset = facts["time_offset"].flatMap(Self.real) ?? 0
    let range = reals("display_range", 2) ?? [0, 0]
    displayMinimum = range[0]
    displayMaximum = range[1]
    func text(_ name: String) -> [UInt8] {
      privateFacts?[name]?.string.flatMap(Base64.decode) ?? []
    }
    description = text("description")
    auxiliaryFile = text("auxiliary_file")
    intentName = text("intent_name")
  }

  /// The extensions in a sidecar.
  package static func extensions(privateFacts: JSON?) -> [HeaderExtension] {
    (privateFacts?["extensions"]?.array ?? []).compactMap { item in
      guard let code = item["code"]?.integer, let code = Int32(exactly: code),
        let data = item["data"]?.string.flatMap(Base64.decode), data.count <= largestVoxelOffset
      else { return nil }
      return HeaderExtension(code: Int(code), data: data)
    }
  }

  private static func json(_ values: [Int]) -> JSON { .array(values.map { .integer(Int64($0)) }) }
  private static func json(_ values: [Double]) -> JSON { .array(values.map(JSON.number)) }

  /// Canonical JSON holds numbers that are not finite as strings.
  private static func real(_ value: JSON) -> Double? {
    switch value.string {
    case "nan": .nan
    case "inf": .infinity
    case "-inf": -.infinity
    default: value.number
    }
  }
}
