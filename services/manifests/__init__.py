"""The manifests of Kubernetes that follow from the pipeline: `python -m services.manifests k8s` draws them.

    pipeline.py ─► workloads ─► k8s/base/services, jobs            what runs
              ├─► planning ──► k8s/components/strimzi/topics.yaml  how Kafka keeps what they say
              └─► permissions ► k8s/components/strimzi/users.yaml  who may read and write what
    workloads ─► k8s/components/keda/scaling.yaml                  what grows with its lag
    k8s/observe/rules ─► k8s/components/prometheus/rules.yaml      alerts
    k8s/observe/dashboards ─► kustomization.yaml there             what Grafana shows

Whatever else stands in `k8s/` is written by hand. Promises: drawing twice changes nothing; a test compares what is
committed with what is drawn.
"""
