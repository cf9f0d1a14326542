"""How the shipped cut-out model is made: scenes with exact mattes, network, training, export, evaluation.

The product imports nothing of this, and this imports nothing of the product.
"""
