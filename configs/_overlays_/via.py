"""A recognizer for an encoder that ViA pre-trained on Posetics, with the thesis's settings (4.6.1).

Alone it trains from scratch; with ``finetune`` or ``linear`` it starts from the encoder, a checkpoint that
``extract_backbone.py`` wrote. The clips are as in the pre-training: missing joints filled in, each person in
a box of their own, in 3D in the frame of the camera. NTU's joints are mapped to those of Posetics.
"""

__pipeline = dict(fill=dict(type='FillMissingJoints'), normalize=dict(type='BoxNormalize', per_person=True))
__dataset = dict(dataset=dict(pipeline=__pipeline))
__in_3d = 'checkpoints/via_posetics_3d.pth'
__kinect = dict(
    dataset=dict(
        pipeline=dict(
            # the frame of Kinect's camera, turned into that of the library
            project=dict(type='ProjectToCamera', cameras=[dict(yaw=0.0)], dims=3),
            layout=dict(type='MapLayout', target='posetics17'),
        )
    )
)
__ntu = dict(
    train_dataloader=__kinect,
    val_dataloader=__kinect,
    test_dataloader=__kinect,
    layout='posetics17',
    model=dict(backbone=dict(num_joints=17)),
    pretrained=__in_3d,
)
__all_frames = dict(batch_size=1, dataset=dict(pipeline=dict(sample=dict(length=150))))

encoder_overlay = dict(
    name='via',
    needs=(
        'model.type=RecognizerGCN',
        'train_dataloader.dataset.pipeline.normalize',
        'param_scheduler.milestones',  # the thesis's schedule, not the recommended one
    ),
    train_dataloader=__dataset,
    val_dataloader=__dataset,
    test_dataloader=__dataset,
    optim_wrapper=dict(optimizer=dict(lr=0.1, weight_decay=1e-4)),
    pretrained='checkpoints/via_posetics_2d.pth',
    for_store={
        'posetics/3d': dict(pretrained=__in_3d),
        'ntu60/3d': __ntu,
        'ntu120/3d': __ntu,
        'penn_action/2d': dict(
            train_dataloader=dict(dataset=dict(pipeline=dict(sample=dict(length=100)))),
            val_dataloader=dict(dataset=dict(pipeline=dict(sample=dict(length=100)))),
            test_dataloader=dict(dataset=dict(pipeline=dict(sample=dict(length=100)))),
        ),
        'uav_human/2d': dict(
            train_dataloader=dict(
                dataset=dict(pipeline=dict(sample=dict(type='RandomTemporalCrop', length=150)))
            ),
            # all frames of every test clip, so clips differ in length
            val_dataloader=__all_frames,
            test_dataloader=__all_frames,
        ),
    },
)
