"""From a table to tensors.

source -> ``table.read_table`` -> ``problem.pose`` -> ``split.fold_numbers`` and ``validation_rows`` -> folds
                                                    -> ``encode.fit_encoder`` on training rows -> matrices
new rows -> ``new_rows.encode_new_rows`` with the stored encoder -> a matrix
"""
