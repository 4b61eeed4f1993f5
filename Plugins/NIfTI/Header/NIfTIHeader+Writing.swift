extension NIfTIHeader {
  /// The header as bytes, little-endian, for a single file. `voxelOffset` and everything else is written as it is; text is
  /// filled up with zeros.
  package var encoded: [UInt8] {
    let layout = layout
    var raw = HeaderBytes(bytes: [UInt8](repeating: 0, count: layout.size), isBigEndian: false)
    raw.put([layout.size], HeaderField(.int32, 0))
    raw.put(text: layout.singleMagic, layout.magic)
    // "regular" is 'r' in every file of the ANALYZE family; some old readers look at it.
    if version == 1 { raw.put([Int(UInt8(ascii: "r"))], HeaderField(.byte, 38)) }
    raw.put(dim, layout.dim)
    raw.put([datatype], layout.datatype)
    raw.put([bitpix], layout.bitpix)
    raw.put([voxelOffset], layout.voxelOffset)
    raw.put(pixdim, layout.pixdim)
    raw.put([slope], layout.slope)
    raw.put([intercept], layout.intercept)
    raw.put([units], layout.units)
    raw.put([qformCode], layout.qformCode)
    raw.put([sformCode], layout.sformCode)
    raw.put(quaternion, layout.quaternion)
    raw.put(qformOffset, layout.qformOffset)
    raw.put(sform, layout.sform)
    raw.put([intentCode], layout.intentCode)
    for (field, value) in zip(layout.intentParameters, intentParameters) { raw.put([value], field) }
    raw.put(text: intentName, layout.intentName)
    raw.put([dimInfo], layout.dimInfo)
    raw.put([sliceStart], layout.sliceStart)
    raw.put([sliceEnd], layout.sliceEnd)
    raw.put([sliceCode], layout.sliceCode)
    raw.put([sliceDuration], layout.sliceDuration)
    raw.put([timeOffset], layout.timeOffset)
    raw.put([displayMaximum], layout.displayMaximum)
    raw.put([displayMinimum], layout.displayMinimum)
    raw.put(text: description, layout.description)
    raw.put(text: auxiliaryFile, layout.auxiliaryFile)
    return raw.bytes
  }
}
