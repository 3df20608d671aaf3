"""The network: any mix of inputs, two levels that agree, and the same answers once exported."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from cratewise.model.calibration import calibrate
from cratewise.model.export import export_network, pack
from cratewise.model.features import NUMBERS
from cratewise.model.manifest import GENRES, LABELS, LIKENESS
from cratewise.model.network import GenreNetwork, Inputs
from cratewise.model.projection import Projection
from cratewise.model.sizes import Sizes
from cratewise.model.training import Targets, genre_log_probabilities, standardise

N_LABELS, N_FAMILIES, N_STYLES = 5, 3, 4
N_ROWS = 500
LEAF_FAMILIES = torch.tensor([0, 0, 1, 2, 0, 1, 2])


@pytest.fixture
def network() -> GenreNetwork:
    """A small network with random weights."""
    torch.manual_seed(0)
    return GenreNetwork(Sizes(N_LABELS, N_FAMILIES, N_STYLES, N_ROWS, N_ROWS)).eval()


def inputs_of(network: GenreNetwork, n: int) -> Inputs:
    """Random inputs of which every kind is absent in some tracks."""
    generator = torch.Generator().manual_seed(1)
    arrays = {}
    for name, width in network.input_widths().items():
        shape = (n, width)
        values = torch.rand(shape, generator=generator)
        arrays[name] = (values * N_ROWS).int() if name in ("names", "tags") else values
        blank = torch.rand(n, generator=generator) < 0.4
        arrays[name][blank] = torch.nan if name == "numbers" else 0
    arrays["tag_votes"] = torch.randint(1, 8, arrays["tags"].shape, generator=generator).float()
    arrays["has_tag_vector"] = (arrays["tag_vector"] != 0).any(dim=1, keepdim=True).float()
    return Inputs(**arrays)


def test_a_style_is_never_likelier_than_its_family(network: GenreNetwork) -> None:
    """Leaves sum to their family, whatever is absent."""
    families, leaves = genre_log_probabilities(network(inputs_of(network, 64)), LEAF_FAMILIES)
    sums = torch.zeros_like(families).index_add_(1, LEAF_FAMILIES, leaves.exp())
    assert torch.allclose(sums, families.exp(), atol=1e-5)


def test_an_absent_input_pulls_nowhere(network: GenreNetwork) -> None:
    """With nothing known every expert is silent, and the answer is the same for every such track."""
    blank = Inputs(*(torch.zeros_like(array) for array in inputs_of(network, 3)))
    outputs = network(blank._replace(numbers=torch.full_like(blank.numbers, torch.nan)))
    assert not outputs.experts.any()
    assert torch.equal(outputs.labels[0], outputs.labels[2])
    assert torch.isfinite(outputs.labels).all()


def test_the_specialist_is_heard_where_the_artist_is_unknown(network: GenreNetwork) -> None:
    """Without any of its weights labels of songs by counted artists stay as they are, and those of the others go."""
    inputs = inputs_of(network, 64)
    blank = Inputs(*(torch.zeros_like(array) for array in inputs))
    alone, before = blank._replace(numbers=inputs.numbers), network(inputs).labels
    of_numbers = network(alone).labels
    with torch.no_grad():
        network.specialist.members.head.zero_()
    changed, changed_alone = (
        (network(these).labels - those).abs().amax(dim=1) > 1e-4
        for these, those in ((inputs, before), (alone, of_numbers))
    )
    assert changed_alone.all()
    assert torch.equal(changed, ((inputs.artist + inputs.collaborators) == 0).all(dim=1))


def test_the_exported_graph_gives_the_same_answers(network: GenreNetwork, tmp_path: Path) -> None:
    """ONNX agrees with PyTorch within 1e-4 under every pattern of absent inputs."""
    blank = network.blank(1)
    prior = torch.log_softmax(network(blank).families[0], dim=0).detach()
    projection = Projection(LEAF_FAMILIES, prior, torch.full((len(NUMBERS),), 0.5), torch.ones(len(NUMBERS))).eval()
    pack(network)
    pack(projection)
    export_network(network, projection, tmp_path)
    inputs = inputs_of(network, 200)
    known = {name: array.numpy() for name, array in inputs._asdict().items()}
    for file in (GENRES, LABELS, LIKENESS):
        session = onnxruntime.InferenceSession(tmp_path / file)
        read, told = ([one.name for one in of] for of in (session.get_inputs(), session.get_outputs()))
        known |= dict(zip(told, session.run(told, {name: known[name] for name in read}), strict=True))
    with torch.no_grad():
        outputs = network(inputs)
        expected = outputs._asdict() | projection(outputs, inputs.numbers)._asdict()
    for name, theirs in expected.items():
        assert np.abs(known[name] - theirs.numpy()).max() < 1e-4, name


def test_columns_without_words_change_nothing(network: GenreNetwork, tmp_path: Path) -> None:
    """The exported graph reads any number of tokens, and as many empty ones as there are."""
    projection = Projection(LEAF_FAMILIES, torch.zeros(N_FAMILIES), *torch.ones(2, len(NUMBERS))).eval()
    pack(network)
    export_network(network, projection, tmp_path)
    session = onnxruntime.InferenceSession(tmp_path / GENRES)
    inputs = {name: array.numpy() for name, array in inputs_of(network, 50)._asdict().items()}
    for name in ("names", "tags", "tag_votes"):
        inputs[name][:, 9:] = 0
    short = inputs | {name: inputs[name][:, :9] for name in ("names", "tags", "tag_votes")}
    for whole, cut in zip(session.run(None, inputs), session.run(None, short), strict=True):
        assert np.abs(whole - cut).max() < 1e-5


def test_packing_twice_is_packing_once(network: GenreNetwork) -> None:
    """Rounding what is already rounded changes nothing."""
    pack(network)
    once = [parameter.clone() for parameter in network.parameters()]
    pack(network)
    for before, after in zip(once, network.parameters(), strict=True):
        assert torch.allclose(before, after, atol=1e-7)


def test_a_number_that_nobody_has_says_nothing(network: GenreNetwork) -> None:
    """Where a file has no popularity at all, answers are numbers still."""
    inputs = inputs_of(network, 64)
    blank = inputs.numbers.clone()
    blank[:, -1] = torch.nan
    standardise(network, blank)
    assert torch.isfinite(network(inputs._replace(numbers=blank)).labels).all()


def test_calibration_lowers_the_loss(network: GenreNetwork) -> None:
    """Chances come nearer to what labels the tracks have."""
    inputs = inputs_of(network, 128)
    labels = torch.nn.functional.one_hot(torch.arange(128) % N_LABELS, N_LABELS).float()
    leaves = torch.nn.functional.one_hot(torch.arange(128) % len(LEAF_FAMILIES), len(LEAF_FAMILIES)).float()

    def loss() -> float:
        with torch.no_grad():
            return float(torch.nn.functional.binary_cross_entropy(network(inputs).labels.exp(), labels))

    before = loss()
    calibrate(network, inputs, Targets(labels, leaves, LEAF_FAMILIES))
    assert loss() < before


def test_calibration_tells_two_right_answers_from_a_toss_up(network: GenreNetwork) -> None:
    """Where the first two labels are nearly as likely because both are right, both become sure; others don't."""
    inputs = inputs_of(network, 512)
    logits = network(inputs).labels.detach()
    best = logits.topk(2, dim=1)
    is_double = (best.values[:, 0] - best.values[:, 1]) < 0.1
    labels = torch.zeros_like(logits).scatter_(1, best.indices, 1.0)
    is_missed = ~is_double & (torch.arange(512) % 2 == 0)
    labels[is_missed] = torch.nn.functional.one_hot(logits[is_missed].argmin(dim=1), N_LABELS).float()
    leaves = torch.nn.functional.one_hot(torch.arange(512) % len(LEAF_FAMILIES), len(LEAF_FAMILIES)).float()
    calibrate(network, inputs, Targets(labels, leaves, LEAF_FAMILIES))
    first, second = network(inputs).labels.detach().exp().topk(2, dim=1).values.T
    assert is_double.sum() > 20
    softmax = torch.softmax(logits, dim=1).topk(2, dim=1).values[is_double].mean(dim=0)
    assert (softmax < 0.5).all()
    assert min(first[is_double].mean(), second[is_double].mean()) > 0.65  # always right: 1 is wanted, 0.5 was possible
    assert abs(float(first[~is_double].mean()) - 0.5) < 0.15  # right in half of the cases
