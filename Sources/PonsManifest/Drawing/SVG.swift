/// What all drawings of graphs have in common: colours by the kind of packet, numbers and texts.
enum SVG {
  static func kindClass(_ kind: String) -> String {
    "k-" + String(kind.map { $0.isLetter && $0.isASCII || $0.isNumber && $0.isASCII ? $0 : "-" })
  }

  /// Hues of the kinds that every installation has; others get one of what is left, always the same.
  private static func hue(_ kind: String) -> Int {
    let known = [
      "volume": 215, "mask": 150, "heatmap": 45, "slice-labels": 185, "slices": 240, "prompts": 320,
      "model": 275, "table": 95, "files": 200,
    ]
    if let hue = known[kind] { return hue }
    let hash = kind.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return 60 + Int(hash % 280)
  }

  static func style(_ kinds: [String]) -> String {
    func colours(_ lightness: Int) -> String {
      kinds.map {
        let saturation = $0 == "files" ? 10 : 60
        let colour = "hsl(\(hue($0)),\(saturation)%,\(lightness)%)"
        return
          ".edge.\(kindClass($0)){stroke:\(colour)}.dot.\(kindClass($0)){fill:\(colour)}"
      }.joined()
    }
    let light =
      ".ground{fill:#fff}.stage{fill:#f8fafc;stroke:#cbd5e1}.result{fill:#f1f5f9;stroke:#64748b}"
      + ".badge{fill:#e2e8f0}text{fill:#0f172a}.id,.small{fill:#64748b}.port{fill:#334155}"
      + ".dot{stroke:#fff}" + colours(45) + ".edge.truth{stroke:#c2410c}"
    let dark =
      ".ground{fill:#0b1120}.stage{fill:#172033;stroke:#3b4a63}.result{fill:#1e293b;stroke:#94a3b8}"
      + ".badge{fill:#334155}text{fill:#f1f5f9}.id,.small{fill:#94a3b8}.port{fill:#cbd5e1}"
      + ".dot{stroke:#0b1120}" + colours(65) + ".edge.truth{stroke:#fb923c}"
    return "<style>"
      + "text{font-family:system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;font-size:12px}"
      + ".name{font-size:17px;font-weight:600}.head{font-size:14px;font-weight:600}.small{font-size:11px}"
      + ".middle{text-anchor:middle}.end{text-anchor:end}.edge{fill:none;stroke-width:1.8}"
      + ".edge.truth{stroke-dasharray:6 4}" + light
      + "@media (prefers-color-scheme:dark){\(dark)}</style>"
  }

  static func text(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    return ValueReader.text(rounded == 0 ? 0 : rounded)
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case _
      where scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value)
        || scalar.value == 0xfffe || scalar.value == 0xffff:
        result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
