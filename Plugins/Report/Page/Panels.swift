/// The pictures of a slice, side by side.
struct Panels {
  private let record: CaseRecord
  private let number: Int
  private let hasCAM: Bool
  private let hasEnhanced: Bool
  private let hasPrompts: Bool
  private let hasSAM: Bool
  private let hasResult: Bool

  init(_ connected: Set<String>, _ record: CaseRecord, number: Int) {
    self.record = record
    self.number = number
    hasCAM = connected.contains("cam")
    hasEnhanced = connected.contains("enhanced")
    hasPrompts = connected.contains("prompts")
    hasSAM = connected.contains("sam")
    hasResult = connected.contains("segmentation") || connected.contains("truth")
  }

  /// - Parameter row: which of the slices it is.
  func row(_ slice: SlicePicture, _ row: Int, _ view: SliceView) -> Markup {
    let name = "\(number)-\(row)"
    let size = (
      x: Double(view.width) * view.pixel.x, y: Double(view.height) * view.pixel.y
    )
    func panel(_ title: String, _ words: String, _ layers: Markup, isFirst: Bool = false) -> Markup
    {
      let image: Markup =
        isFirst
        ? """
        <image id="image-\(name)" width="\(at: size.x)" height="\(at: size.y)" preserveAspectRatio="none" href="\(slice.image)"/>
        """ : "<use href=\"#image-\(name)\"/>"
      let letters: Markup =
        isFirst
        ? """
        <span class="edge left" aria-hidden="true">\(view.letters.left)</span><span class="edge right" aria-hidden="true">\(view.letters.right)</span><span class="edge top" aria-hidden="true">\(view.letters.top)</span><span class="edge bottom" aria-hidden="true">\(view.letters.bottom)</span>
        """ : ""
      return """
        <figure><button type="button" class="zoom"><svg viewBox="0 0 \(at: size.x) \(at: size.y)" role="img" aria-label="Case \(record.key), slice \(slice.z): \(words)">\(image)\(layers)</svg></button>\(letters)<figcaption>\(title)</figcaption></figure>
        """
    }
    var panels = [panel("Image", "the image alone", "", isFirst: true)]
    if hasCAM {
      panels.append(heat("CAM", "class activation map before AMDA", slice.cam, size, panel))
    }
    if hasEnhanced {
      panels.append(
        heat("CAM after AMDA", "class activation map after AMDA", slice.enhanced, size, panel))
    }
    if hasPrompts || hasSAM {
      let prompts = slice.boxes.count.of("box", "boxes") + ", " + slice.points.count.of("point")
      let title =
        hasPrompts && hasSAM ? "Prompts and SAM" : hasSAM ? "SAM" : "Prompts"
      var layers: Markup = ""
      if let sam = slice.sam { layers += outline(sam, "sam", "s-\(name)", view) }
      layers += self.prompts(slice, view)
      panels.append(
        panel(title, "\(prompts); \(Self.words(slice.sam, "mask of SAM"))", layers))
    }
    if hasResult {
      var layers: Markup = ""
      if let mask = slice.mask { layers += outline(mask, "final", "m-\(name)", view) }
      // On top: its dashes let the other line through where both are the same.
      if let truth = slice.truth { layers += outline(truth, "truth", "t-\(name)", view) }
      let truth = slice.truth.map { "; \(Self.words($0, "truth"))" } ?? ""
      panels.append(
        panel("Result", Self.words(slice.mask, "final mask") + truth, layers))
    }
    return """
      <div class="slice"><h4>Slice \(slice.z)</h4><div class="panels">
      \(panels)</div></div>

      """
  }

  private static func words(_ outline: Outline?, _ what: String) -> String {
    guard let outline else { return "no \(what)" }
    return outline.path.isEmpty ? "\(what) empty here" : "outline of the \(what)"
  }

  private func heat(
    _ title: String, _ words: String, _ picture: PNGImage?, _ size: (x: Double, y: Double),
    _ panel: (String, String, Markup, Bool) -> Markup
  ) -> Markup {
    guard let picture else { return panel("\(title): none", "no \(words)", "", false) }
    return panel(
      title, words,
      """
      <image width="\(at: size.x)" height="\(at: size.y)" preserveAspectRatio="none" href="\(picture)"/>
      """, false)
  }

  /// An outline over a darker, wider one, so that it is seen on every brightness.
  private func outline(_ outline: Outline, _ style: String, _ id: String, _ view: SliceView)
    -> Markup
  {
    if outline.path.isEmpty { return "" }
    return """
      <g transform="scale(\(exact: view.pixel.x / 2) \(exact: view.pixel.y / 2))"><defs><path id="\(id)" d="\(outline)"/></defs><use href="#\(id)" class="halo \(style)"/><use href="#\(id)" class="\(style)"/></g>
      """
  }

  /// Boxes and points; each over a darker, wider one.
  private func prompts(_ slice: SlicePicture, _ view: SliceView) -> Markup {
    let boxes = slice.boxes.map { box in
      let (left, right) = (Double(box.x.lowerBound), Double(box.x.upperBound))
      let (top, bottom) = (Double(box.y.lowerBound), Double(box.y.upperBound))
      let (x, y) = (view.pixel.x, view.pixel.y)
      return
        "M\((left * x).coordinate) \((top * y).coordinate)H\((right * x).coordinate)V\((bottom * y).coordinate)H\((left * x).coordinate)Z"
    }.joined()
    func points(_ isForeground: Bool) -> String {
      slice.points.filter { $0.isForeground == isForeground }.map { point in
        "M\((point.x * view.pixel.x).coordinate) \((point.y * view.pixel.y).coordinate)h0"
      }.joined()
    }
    var layers: Markup = ""
    for (path, style) in [
      (boxes, "box"), (points(true), "point"), (points(false), "point outside"),
    ] where !path.isEmpty {
      layers +=
        "<path class=\"halo \(style)\" d=\"\(path)\"/><path class=\"\(style)\" d=\"\(path)\"/>"
    }
    return layers
  }
}

extension Page {
  /// What lines and colours mean.
  var legend: Markup {
    var items: [Markup] = []
    func add(_ style: String, _ path: String, _ words: String) {
      items.append(
        """
        <li><svg viewBox="0 0 28 14" aria-hidden="true"><path class="halo \(style)" d="\(path)"/><path class="\(style)" d="\(path)"/></svg> \(words)</li>
        """)
    }
    let connected = contents.connected
    if connected.contains("cam") || connected.contains("enhanced") {
      let stops = (0...8).map { step -> String in
        let color = HeatColors.color(Double(step) / 8)
        return "rgb(\(color.red),\(color.green),\(color.blue))"
      }
      items.append(
        """
        <li><span class="scale" style="background:linear-gradient(90deg,\(stops.joined(separator: ",")))"></span> heatmap, 0 to 1</li>
        """)
    }
    if connected.contains("prompts") {
      add("box", "M3 2H25V12H3Z", "box for SAM")
      add("point", "M14 7h0", "point inside")
      add("point outside", "M14 7h0", "point outside")
    }
    if connected.contains("sam") { add("sam", "M2 7H26", "mask of SAM") }
    if connected.contains("segmentation") { add("final", "M2 7H26", "final mask") }
    if connected.contains("truth") { add("truth", "M2 7H26", "truth") }
    if items.isEmpty { return "" }
    return "<ul class=\"legend dark\" aria-label=\"What lines and colours mean\">\(items)</ul>\n"
  }
}
