// What the labeler says along the slices, and where the mask is.
extension Page {
  func profile(_ record: CaseRecord, _ pictures: CasePictures) -> Markup {
    let profile = record.profile
    let count = profile.slices
    guard count > 1, !profile.probability.isEmpty || profile.mask.contains(where: { $0 > 0 }) else {
      return ""
    }
    var drawing: Markup = ""
    var words: [Markup] = []
    if let most = profile.mask.max(), most > 0 {
      var path = "M0 100"
      for (z, voxels) in profile.mask.enumerated() {
        let height = Double(voxels) / Double(most) * 92
        path += "L\(z) \((100 - height).coordinate)H\(z + 1)"
      }
      drawing += "<path class=\"area\" d=\"\(path)V100Z\"/>"
      words.append(
        "<span class=\"key-area\">final mask (up to \(most.of("voxel")) a slice)</span>")
    }
    if !profile.probability.isEmpty {
      let points = profile.probability.enumerated().map { z, value in
        "\(z == 0 ? "M" : "L")\((Double(z) + 0.5).coordinate) \((100 - value * 96).coordinate)"
      }
      drawing += "<path class=\"probability\" d=\"\(points.joined())\"/>"
      words.append(
        "<span class=\"key-probability\">probability of “\(profile.className)” by the labeler</span>"
      )
    }
    let marks = pictures.slices.map { slice in
      "M\((Double(slice.z) + 0.5).coordinate) 0V100"
    }.joined()
    let labelled = profile.isLabelled.count { $0 == true }
    let label =
      profile.isLabelled.isEmpty
      ? "Along \(count) slices" : "\(labelled) of \(count) slices labelled “\(profile.className)”"
    return """
      <figure class="profile"><svg viewBox="0 0 \(count) 100" preserveAspectRatio="none" role="img" aria-label="\(label)">\(drawing)<path class="marks" d="\(marks)"/></svg><figcaption>\(label): \(words.enumerated().map { ($0.offset > 0 ? ", \($0.element)" : $0.element) as Markup }). Lines mark the slices below.</figcaption></figure>

      """
  }
}
