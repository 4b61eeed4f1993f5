extension BitMask {
  /// The mask after dilation or erosion with an element.
  func changed(
    _ change: Change, _ element: StructuringElement, threads: Int
  ) -> BitMask {
    guard let box else { return self }
    switch element {
    case .neighbours(let connectivity, let iterations):
      precondition(iterations >= 0, "the number of iterations is not negative")
      return iterated(change, connectivity, iterations, around: box, threads: threads)
    case .ball(let radius, let spacing):
      precondition(radius >= 0 && spacing.min() > 0, "radius and spacing are positive")
      return ball(change, radius: radius, spacing: spacing, around: box, threads: threads)
    }
  }

  private func iterated(
    _ change: Change, _ connectivity: Connectivity, _ iterations: Int, around box: IndexBox,
    threads: Int
  ) -> BitMask {
    var (current, spare) = (self, nil as BitMask?)
    var box = box
    for _ in 0..<iterations {
      let next = spare ?? BitMask(size: size)
      if change == .dilation { box = box.grown(by: .one, within: size) }
      current.change(change, connectivity, in: box, into: next, threads: threads)
      spare = current === self ? nil : current
      current = next
    }
    return current
  }

  /// Compares distances with the radius: to the mask for dilation, to everything else for erosion.
  private func ball(
    _ change: Change, radius: Double, spacing: SIMD3<Double>, around box: IndexBox, threads: Int
  ) -> BitMask {
    let isDilation = change == .dilation
    var box = box
    if isDilation {
      // More than the grid has is as good as all of it.
      let reach = (radius / spacing).clamped(lowerBound: .zero, upperBound: .init(repeating: 1e6))
      box = box.grown(
        by: SIMD3(Int(reach.x) + 1, Int(reach.y) + 1, Int(reach.z) + 1), within: size)
    }
    let size = box.size
    let squares = UnsafeMutablePointer<Float>.allocate(capacity: size.count)
    defer { squares.deallocate() }
    DistanceField(
      targets: self, complement: !isDilation, box: box, spacing: spacing,
      borderIsTarget: !isDilation, threads: threads
    ).compute(into: squares, squared: true)
    // Voxels at just the radius belong to the ball, however their distance was rounded.
    let limit = Float(radius * radius) * (1 + 4e-6)
    let result = BitMask(size: self.size)
    nonisolated(unsafe) let field = squares
    let inBox = box
    Parallel.forEach(size.z, threads: threads) { z in
      for y in 0..<size.y {
        let row = result.row(y: inBox.y.lowerBound + y, z: inBox.z.lowerBound + z)
        let line = field + size.index(x: 0, y: y, z: z)
        for x in 0..<size.x where (line[x] <= limit) == isDilation {
          let place = inBox.x.lowerBound + x
          row[place / 64] |= 1 << UInt64(place % 64)
        }
      }
    }
    return result
  }
}
