"""Random rotation of the training data in 3D: cameras anywhere, whatever those of the protocol."""

view_overlay = dict(
    name='random-view',
    needs=('train_dataloader.dataset.pipeline.project.type',),
    train_dataloader=dict(
        dataset=dict(
            pipeline=dict(
                project=dict(
                    _delete_=True,
                    _keep_=('axes', 'dims'),
                    type='ProjectToCamera',
                    cameras=[
                        dict(
                            yaw=(-180.0, 180.0), pitch=(-15.0, 30.0), roll=(-15.0, 15.0), distance=(2.5, 10.0)
                        )
                    ],
                )
            )
        )
    ),
)
