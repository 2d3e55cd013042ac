import CKernels
import Testing

extension Kernels {
  @Suite struct Isa {
    @Test func namesAreWhatTheEnvironmentTakes() {
      let names = [QK_ISA_NONE, QK_ISA_AVX2, QK_ISA_AVX512, QK_ISA_AVX512_VNNI].map { String(cString: qk_isa_name($0)) }
      #expect(names == ["none", "avx2", "avx512", "avx512_vnni"])
    }

    @Test func forcingOnlyLowers() {
      defer { _ = qk_isa_force(qk_isa_detected()) }
      #expect(qk_isa_force(QK_ISA_NONE) == QK_ISA_NONE)
      #expect(qk_isa_active() == QK_ISA_NONE)
      #expect(qk_isa_force(QK_ISA_AVX512_VNNI) == qk_isa_detected())
      #expect(qk_isa_active() == qk_isa_detected())
    }
  }
}
