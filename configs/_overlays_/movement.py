"""Losses on the movement and on the codes of generated sequences, as for LAC's generator of the bank."""

loss_overlay = dict(
    name='movement',
    needs=('model.generator.num_static',),
    model=dict(movement_weight=1.0, code_cycle_weight=0.2),
)
