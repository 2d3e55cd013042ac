import Interface
import NN
import OrderedCollections
import TensorCore
import Testing
import Torch

/// A module of two layers, as users write them.
final class Net: Module {
  init(_ a: Module, _ b: Module) throws {
    super.init()
    try setAttribute("a", .object(a))
    try setAttribute("b", .object(b))
    try registerBuffer("steps", .zeros([3]))
    try registerBuffer("scratch", .zeros([3]), persistent: false)
  }
  override var typeModule: String { "__main__" }
  override func forward(_ inputs: [Value]) throws -> Value {
    guard case .object(let a)? = try attribute("a"), case .object(let b)? = try attribute("b"), let a = a as? Module, let b = b as? Module else { return .none }
    return try b.call([a.call(inputs)])
  }
}

extension NNTests {
  /// Sentences and texts are what PyTorch 2.15 gives for the same steps.
  @Suite struct ModuleTests {
    private func net() throws -> Net { try Net(Linear(2, 3), Linear(3, 1, bias: false)) }
    private func names(_ rows: [(name: String, tensor: Tensor)]) -> [String] { rows.map(\.name) }

    @Test func attributesGoToTheirPlaces() throws {
      let m = Module()
      let parameter = try Tensor.parameter(.zeros([2]))
      try m.setAttribute("weight", .object(parameter))
      try m.registerBuffer("buf", .zeros([2]))
      try m.setAttribute("sub", .object(Linear(2, 2)))
      func set(_ name: String, _ value: Value) -> String { message { try m.setAttribute(name, value) } }
      let plain = Value.object(try Tensor.zeros([2]))
      #expect(set("weight", plain) == "TypeError: cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None expected)")
      #expect(set("weight", .integer(3)) == "TypeError: cannot assign 'int' as parameter 'weight' (torch.nn.Parameter or None expected)")
      #expect(set("sub", .integer(3)) == "TypeError: cannot assign 'int' as child module 'sub' (torch.nn.Module or None expected)")
      #expect(set("buf", .integer(3)) == "TypeError: cannot assign 'int' as buffer 'buf' (torch.nn.Buffer, torch.Tensor or None expected)")
      #expect(set("weight", .object(try Linear(1, 1))) == "TypeError: cannot assign 'torch.nn.modules.linear.Linear' as parameter 'weight' (torch.nn.Parameter or None expected)")
      #expect(set("weight", .none) == "")
      #expect(m.parameters.keys == ["weight"])
      #expect(set("sub", .object(parameter)) == "")
      #expect(m.modules.isEmpty && Array(m.parameters.keys) == ["weight", "sub"])
      #expect(set("other", plain) == "")
      #expect(try m.attributes["other"] != nil && m.attribute("nothing") == nil)
      #expect(message { _ = try m.tensor("nothing") } == "AttributeError: 'Module' object has no attribute 'nothing'")
      #expect(message { try m.deleteAttribute("nothing") } == "AttributeError: 'Module' object has no attribute 'nothing'")
      try m.deleteAttribute("sub")
      #expect(Array(m.parameters.keys) == ["weight"])
    }

    @Test func registrationChecksNames() throws {
      let m = try net()
      func parameter(_ name: String) -> String { message { try m.registerParameter(name, .parameter(.zeros([1]))) } }
      func buffer(_ name: String) -> String { message { try m.registerBuffer(name, .zeros([1])) } }
      func module(_ name: String) -> String { message { try m.registerModule(name, Linear(1, 1)) } }
      #expect(parameter("") == "KeyError: parameter name can't be empty string \"\"")
      #expect(buffer("a.b") == "KeyError: buffer name can't contain \".\"")
      #expect(module("a.b") == "KeyError: module name can't contain \".\", got: a.b")
      #expect(parameter("a") == "KeyError: attribute 'a' already exists")
      #expect(module("a") == "")
      for name in ["forward", "training", "state_dict"] {
        #expect(parameter(name) == "KeyError: attribute '\(name)' already exists")
        #expect(buffer(name) == "KeyError: attribute '\(name)' already exists")
        #expect(module(name) == "KeyError: attribute '\(name)' already exists")
      }
      #expect(
        message { try m.registerParameter("p", .zeros([1])) }
          == "TypeError: cannot assign 'torch.FloatTensor' object to parameter 'p' (torch.nn.Parameter or None required)")
    }

    @Test func membersAreFoundByPath() throws {
      let m = try net()
      #expect(names(m.namedParameters()) == ["a.weight", "a.bias", "b.weight"])
      #expect(names(m.namedParameters(prefix: "x", recurse: false)).isEmpty)
      #expect(names(m.namedBuffers(prefix: "x")) == ["x.steps", "x.scratch"])
      #expect(m.namedModules().map(\.name) == ["", "a", "b"])
      let shared = try Linear(2, 2)
      let twice = try Net(shared, shared)
      #expect(twice.children.count == 1)
      #expect(names(twice.namedParameters()) == ["a.weight", "a.bias"])
      #expect(names(twice.namedParameters(removeDuplicate: false)) == ["a.weight", "a.bias", "b.weight", "b.bias"])
      #expect(try m.parameter(at: "a.weight") === m.submodule("a").parameters["weight"] as? Tensor)
      #expect(message { _ = try m.submodule("q.b") } == "AttributeError: Net has no attribute `q`")
      #expect(message { _ = try m.submodule("steps") } == "AttributeError: `steps` is not an nn.Module")
      #expect(message { _ = try m.parameter(at: "training") } == "AttributeError: `training` is not an nn.Parameter")
      #expect(message { _ = try m.buffer(at: "training") } == "AttributeError: `training` is not a buffer")
      var visited: [String] = []
      try m.apply { visited.append($0.typeName) }
      #expect(visited == ["Linear", "Linear", "Net"])
    }

    @Test func stateDictIsLaidOutAsInPyTorch() throws {
      let m = try net()
      let state = try m.stateDict()
      #expect(state.entries.keys.elements == [.string("steps"), .string("a.weight"), .string("a.bias"), .string("b.weight")])
      guard case .object(let metadata)? = state.attributes["_metadata"], let metadata = metadata as? OrderedDict else {
        Issue.record("no metadata")
        return
      }
      #expect(metadata.entries.keys.elements == [.string(""), .string("a"), .string("b")])
      guard case .dictionary(let rows)? = metadata["a"], case .integer(1) = rows[0].1 else {
        Issue.record("no version")
        return
      }
      guard case .object(let weight)? = state["a.weight"], let weight = weight as? Tensor else { return }
      #expect(!weight.requiresGrad && !weight.isParameter)
      #expect(try weight.storage === m.parameter(at: "a.weight").storage)
    }

    @Test func loadingSaysWhatIsWrong() throws {
      let m = try net()
      let state = try net().stateDict()
      #expect("\(try m.loadStateDict(state))" == "<All keys matched successfully>")
      #expect(try m.parameter(at: "a.weight").equals(try Tensor.make(from: state["a.weight"] ?? .none)))
      let bad = OrderedDict(state.entries)
      bad["a.bias"] = nil
      bad["q.r"] = .object(try Tensor.zeros([1]))
      bad["zz"] = .object(try Tensor.zeros([2]))
      bad["a.weight"] = .object(try Tensor.zeros([3, 3]))
      bad["b.weight"] = .integer(5)
      #expect(
        message { try m.loadStateDict(bad) } == """
          RuntimeError: Error(s) in loading state_dict for Net:
          \tMissing key(s) in state_dict: "a.bias". 
          \tUnexpected key(s) in state_dict: "q.r", "zz". 
          \tsize mismatch for a.weight: copying a param with shape torch.Size([3, 3]) from checkpoint, the shape in current model is torch.Size([3, 2]).
          \tWhile copying the parameter named "b.weight", expected torch.Tensor or Tensor-like object from checkpoint but received <class 'int'>
          """)
      #expect(
        "\(try m.loadStateDict(OrderedDict(), strict: false))"
          == "_IncompatibleKeys(missing_keys=['steps', 'a.weight', 'a.bias', 'b.weight'], unexpected_keys=[])")
      let odd = OrderedDict(state.entries)
      odd["a.weight.x"] = .object(try Tensor.zeros([1]))
      odd["a."] = .object(try Tensor.zeros([1]))
      #expect(
        message { try m.loadStateDict(odd) }
          == "RuntimeError: Error(s) in loading state_dict for Net:\n\tUnexpected key(s) in state_dict: \"a.weight.x\", \"a.\". ")
      let before = try m.parameter(at: "a.weight")
      try m.loadStateDict(state, assign: true)
      let after = try m.parameter(at: "a.weight")
      #expect(after !== before && after.isParameter && after.requiresGrad)
    }

    @Test func aDeepCopySharesNothingButWhatWasShared() throws {
      let shared = try Linear(2, 2)
      let m = try Net(shared, shared)
      let lstm = try LSTM(2, 3)
      try m.setAttribute("lstm", .object(lstm))
      try m.setAttribute("note", .list([.object(try shared.tensor("weight"))]))
      m.registerForwardHook { _, _, _ in .integer(1) }
      try m.eval()
      let memo = DeepCopyMemo()
      let copy = try m.deepCopy(memo)
      #expect(memo.modules.map { $0.old.typeName } == ["Net", "Linear", "LSTM"])
      #expect(copy.description == m.description.replacingNet)
      let (a, b) = (try copy.submodule("a"), try copy.submodule("b"))
      #expect(a === b && a !== shared && a is Linear)
      let weight = try a.tensor("weight")
      #expect(try weight !== shared.tensor("weight") && weight.storage !== shared.tensor("weight").storage)
      #expect(try weight.equals(shared.tensor("weight")) && weight.isParameter && weight.requiresGrad)
      guard case .list(let note)? = try copy.attribute("note"), case .object(let noted) = note[0] else {
        Issue.record("no note")
        return
      }
      let notedItself = noted === weight
      #expect(notedItself)
      #expect(!copy.training && copy.forwardHooks.count == 1)
      let x = try randn([4, 1, 2])
      let copied = try #require(try copy.submodule("lstm") as? LSTM)
      #expect(try copied.run(x).0.equals(lstm.run(x).0))
      try m.setAttribute("made", .object(try shared.tensor("weight").mul(shared.tensor("weight"))))
      #expect(message { _ = try m.deepCopy() }.hasPrefix("RuntimeError: Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment."))
    }

    @Test func hooksSeeAndChangeWhatPasses() throws {
      let m = try Linear(2, 1)
      let x = try Tensor.ones([1, 2])
      let pre = m.registerForwardPreHook { _, _ in [.object(try Tensor.zeros([1, 2]))] }
      guard case .object(let seen) = try m.call([.object(x)]), let seen = seen as? Tensor else { return }
      #expect(try seen.detached().view([1]).equals(m.tensor("bias").detached()))
      m.removeHook(pre)
      var results = 0
      let post = m.registerForwardHook { _, inputs, result in
        results += inputs.count
        return results == 1 ? nil : .integer(7)
      }
      if case .integer = try m.call([.object(x)]) { Issue.record("changed too early") }
      guard case .integer(7) = try m.call([.object(x)]) else {
        Issue.record("not changed")
        return
      }
      m.removeHook(post)
      #expect(results == 2 && m.forwardHooks.isEmpty)
    }

    @Test func modesReachEverything() throws {
      let m = try net()
      try m.eval()
      #expect(m.allModules.allSatisfy { !$0.training })
      try m.train()
      #expect(m.allModules.allSatisfy { $0.training })
      let weight = try m.parameter(at: "a.weight")
      guard case .object(let y) = try m.call([.object(try randn([4, 2]))]), let y = y as? Tensor else { return }
      try Backward.run([y.sum()])
      #expect(weight.grad != nil)
      try m.to(.float64)
      #expect(weight.dtype == .float64 && weight.grad?.dtype == .float64 && weight.isParameter && weight.requiresGrad)
      #expect(try m.buffer(at: "steps").dtype == .float64)
      try m.zeroGrad(setToNone: false)
      #expect(weight.grad?.scalar(at: 0) == .double(0))
      try m.zeroGrad()
      #expect(weight.grad == nil)
      try m.setRequiresGrad(false)
      #expect(!weight.requiresGrad)
      #expect(message { try m.to(.int64) } == "TypeError: nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64")
    }
  }
}

extension String {
  /// A copy of a subclass that does not override `copyForDeepCopy` is a plain module.
  fileprivate var replacingNet: String { "Module" + dropFirst(3) }
}
