// The preset `small`: a model of 135 million weights on two cores in under three hours.

extension StudyConfiguration {
    /// The preset as the file that it stands for. Options that are not there are as by default.
    static let small = """
        {
          "list": {"promptStyle": "instruction", "promptTokens": 192, "maximumSignals": 10, "minimumQueries": 5, "usesGrammar": true},
          "promptOnly": {"promptStyle": "examples", "promptTokens": 640, "maximumSignals": 16},
          "maximumTokens": 96,
          "promptOnlyTokens": 128,
          "weights": {"alignment": 1, "coverage": 1, "specificity": 1, "diversity": 1, "structure": 1, "clicks": 5},
          "fusion": "best-rank",
          "heldOutPeople": 32,
          "peopleSeed": 0,
          "pairs": {"words": 6, "affinity": 10},
          "warmUp": {
            "precision": "bf16", "pairsPerStep": 16, "steps": 40, "learningRate": 3e-4,
            "schedule": {"decay": "cosine", "warmUpSteps": 8}, "evaluationInterval": 20, "checkpointInterval": 20, "keptCheckpoints": 1
          },
          "seeds": [0, 1, 2],
          "teacher": {
            "lora": {"rank": 16, "alpha": 32}, "precision": "bf16", "promptsPerStep": 12, "groupSize": 8, "steps": 48,
            "learningRate": 4e-4, "schedule": {"decay": "constant"}, "rollout": {"maximumTokens": 96, "precision": "q8_0", "sequencesTogether": 96},
            "credit": "share", "evaluationInterval": 16, "checkpointInterval": 16, "keptCheckpoints": 1
          },
          "rewards": {
            "names": ["alignment", "coverage", "specificity", "diversity", "structure", "clicks"],
            "training": {
              "lora": {"rank": 16, "alpha": 32}, "precision": "bf16", "promptsPerStep": 12, "groupSize": 8, "steps": 20,
              "learningRate": 4e-4, "schedule": {"decay": "constant"}, "rollout": {"maximumTokens": 96, "precision": "q8_0", "sequencesTogether": 96},
              "credit": "share", "evaluationInterval": 20, "checkpointInterval": 20, "keptCheckpoints": 1
            }
          },
          "capacity": {
            "layers": [5, 10, 15, 20, 30],
            "recovery": {
              "precision": "bf16", "pairsPerStep": 16, "steps": 40, "learningRate": 3e-4,
              "schedule": {"decay": "cosine", "warmUpSteps": 8}, "evaluationInterval": 20, "checkpointInterval": 20, "keptCheckpoints": 1
            },
            "training": {
              "lora": {"rank": 16, "alpha": 32}, "precision": "bf16", "promptsPerStep": 12, "groupSize": 8, "steps": 20,
              "learningRate": 4e-4, "schedule": {"decay": "constant"}, "rollout": {"maximumTokens": 96, "precision": "q8_0", "sequencesTogether": 96},
              "credit": "share", "evaluationInterval": 20, "checkpointInterval": 20, "keptCheckpoints": 1
            }
          },
          "distillation": {
            "layers": 10,
            "listPeople": 1000,
            "candidates": 4,
            "supervised": {
              "precision": "bf16", "pairsPerStep": 16, "steps": 40, "learningRate": 3e-4,
              "schedule": {"decay": "cosine", "warmUpSteps": 8}, "evaluationInterval": 20, "checkpointInterval": 20, "keptCheckpoints": 1
            },
            "onPolicy": {
              "precision": "bf16", "promptsPerStep": 16, "steps": 100, "learningRate": 1e-4, "rollout": {"maximumTokens": 96},
              "evaluationInterval": 25, "checkpointInterval": 25, "keptCheckpoints": 1
            }
          },
          "sampling": {"people": 200, "lists": 32},
          "evaluation": {
            "precision": "q8_0", "product": "rounded", "batch": 32, "temperature": 0, "usesGrammar": true, "resamples": 10000,
            "baselines": ["chance", "popularity", "dense-mean", "union", "popular-titles"]
          }
        }

        """
}
