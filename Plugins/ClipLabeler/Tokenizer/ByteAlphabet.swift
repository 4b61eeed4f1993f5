/// The characters that byte-level vocabularies write bytes as.
///
/// Bytes that print stand for themselves; the others follow from U+0100 on, in order. Every text is then made of 256
/// visible characters. Source: Radford et al., "Language models are unsupervised multitask learners", 2019, in the
/// form of OpenAI's `bytes_to_unicode`.
enum ByteAlphabet {
  /// The character of each byte.
  static let characters: [Unicode.Scalar] = {
    var next: UInt32 = 256
    return (0..<256).map { byte in
      let prints = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
      if prints { return Unicode.Scalar(UInt8(byte)) }
      defer { next += 1 }
      return Unicode.Scalar(next) ?? "?"
    }
  }()
}
